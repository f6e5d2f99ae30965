"""The rules of the tree, checked: who imports whom, one importer a vendor, generated documents."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from roost.asyncapi import document
from roost.topics import IDENTITY, TOPICS
from roost.views.mappings import VIEWS
from streams.stages import READS, WRITES
from streams.views.projections import VIEW_OF

ROOT = Path(__file__).parents[2]


def test_imports_point_one_way() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("vendor", "importers"),
    [
        ("elasticsearch", {"roost/views/elastic.py"}),
        ("kafka", {"producers/publisher.py", "producers/admin.py"}),
        ("faust", {"streams/kernel/faust_runner.py"}),
        (
            "aiokafka",
            {
                "roost/kafka/sender.py",
                "roost/kafka/reader.py",
                "streams/kernel/aiokafka_runner.py",
                "roost/reachability.py",
            },
        ),
        ("apprise", {"streams/deliver/channels.py"}),
        ("httpcore", {"roost/webhooks/guarded.py"}),
        (
            "httpx",
            {
                "roost_client/client.py",
                "roost_client/client_errors.py",
                "roost_client/change_stream.py",
                "roost_client/sending.py",
                "roost_client/resources.py",
                "roost/webhooks/guarded.py",
                "roost/webhooks/posting.py",
                "streams/deliver/providers/provider_client.py",
                "deploy/provider_listener.py",
                "deploy/simulators/provider_server.py",
                "producers/sources/http_fetching.py",
            },
        ),
        ("authlib", {"api/sign_in/oidc.py", "api/sign_in/provider_connection.py"}),
        ("joserfc", {"api/sign_in/provider_documents.py", "api/sign_in/provider_tokens.py"}),
        ("argon2", {"roost/security/passwords.py"}),
        ("pyotp", {"api/access/totp.py"}),
        ("webauthn", {"api/access/webauthn_ceremonies.py"}),
        ("segno", {"api/access/qr_codes.py"}),
        ("onnxruntime", {"matcher/encoders.py"}),
        ("tokenizers", {"matcher/encoders.py"}),
        ("onnx", {"matcher/bert_graph.py", "matcher/published_bert.py"}),
    ],
)
def test_each_vendor_has_its_importers(vendor: str, importers: set[str]) -> None:
    pattern = re.compile(rf"^\s*(?:from|import) {vendor}\b", re.MULTILINE)
    found = {
        str(path.relative_to(ROOT))
        for package in ("roost", "roost_client", "producers", "matcher", "streams", "api", "deploy")
        for path in (ROOT / package).rglob("*.py")
        if pattern.search(path.read_text("utf-8"))
    }
    assert found == importers


def test_the_asyncapi_document_is_as_generated() -> None:
    kept = json.loads((ROOT / "docs" / "asyncapi.json").read_text("utf-8"))
    assert kept == json.loads(json.dumps(document())), "run: roost asyncapi > docs/asyncapi.json"


def test_every_topic_has_a_reader_or_a_view() -> None:
    read = {topic for topics in READS.values() for topic in topics}
    written = {topic for topics in WRITES.values() for topic in topics}
    assert {topic.name for topic in TOPICS} == {
        topic.name for topic in read | written | set(VIEW_OF)
    } | {"dead-letters", "stage-stops", "requests", "imports", "county"} | {
        "sources",
        "source-runs",
        "source-entries",
        "import-mappings",
        "saved-replies",
        "employer-names",
    } | {topic.name for topic in IDENTITY}
    assert set(VIEW_OF.values()) == set(VIEWS)


def test_the_readme_shows_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert "make demo" in readme
    assert "make test" in readme
    for link in re.findall(r"\]\(([^)#]+)\)", readme):
        assert (ROOT / link).exists(), link
