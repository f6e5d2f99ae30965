"""The client is its own distribution: it needs no part of the server."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

import roost_client
from api.candidate_requests.schemas import CandidateRequestAnswer
from api.conversations.schemas import ConversationPage, SentMessage, WaitingWorker
from api.employers.schemas import EmployerStop, ShownEmployer
from api.imports.schemas import Progress
from api.inbox.schemas import Entry
from api.lists.answer_schemas import FactAnswer
from api.matches.schemas import MatchAnswer, Responsible
from api.notes.schemas import NoteAnswer
from api.profiles.schemas import SentCode
from api.slots.schemas import SlotAnswer
from roost.events.import_job import ImportState
from roost.events.opening import Opening
from roost.events.profile import Profile
from roost.events.webhook import Webhook
from roost_client.resource_models import PENDING_STATES

ROOT = Path(__file__).parents[3]
SERVERS_OWN = {"roost", "api", "producers", "matcher", "streams", "deploy"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client's wheel, built from a copy of its folder alone."""
    source, made = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for path in (ROOT / "roost_client").iterdir():
        if path.is_file():
            (source / path.name).write_bytes(path.read_bytes())
    done = subprocess.run(
        [
            *(sys.executable, "-m", "uv", "build", "--wheel", "--no-build-isolation"),
            *("--python", sys.executable, "--out-dir", str(made), str(source)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (found,) = made.glob("*.whl")
    return found


def test_the_wheel_requires_the_clients_libraries_only(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        (name,) = (each for each in packed.namelist() if each.endswith("/METADATA"))
        about = message_from_string(packed.read(name).decode())
        tops = {each.split("/")[0] for each in packed.namelist()}
    assert about["Name"] == "roost-client"
    required = {each.split(">")[0].split(";")[0] for each in about.get_all("Requires-Dist") or ()}
    assert required == {"httpx", "httpx-sse", "pydantic", "stamina", "standardwebhooks"}
    assert {each for each in tops if not each.endswith(".dist-info")} == {"roost_client"}


def test_the_wheel_works_where_the_server_is_not_installed(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path)
    program = (
        "import sys\n"
        f"sys.path.insert(0, {str(tmp_path)!r})\n"
        "import roost_client\n"
        "assert roost_client.__file__.startswith(sys.path[0]), roost_client.__file__\n"
        "print(*{name.split('.')[0] for name in sys.modules})\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert SERVERS_OWN & set(done.stdout.split()) == set()


@pytest.mark.parametrize(
    ("clients", "servers"),
    [
        (roost_client.Opening, Opening),
        (roost_client.Profile, Profile),
        (roost_client.Match, MatchAnswer),
        (roost_client.Webhook, Webhook),
        (roost_client.Entry, Entry),
        (roost_client.Import, Progress),
        (roost_client.Message, SentMessage),
        (roost_client.WaitingWorker, WaitingWorker),
        (roost_client.Contact, ShownEmployer),
        (roost_client.SentCode, SentCode),
        (roost_client.EmployerStop, EmployerStop),
        (roost_client.Note, NoteAnswer),
        (roost_client.Responsible, Responsible),
        (roost_client.Slot, SlotAnswer),
        (roost_client.CandidateRequest, CandidateRequestAnswer),
    ],
)
def test_the_clients_models_have_every_field_of_the_servers(
    clients: type[roost_client.Resource], servers: type
) -> None:
    def names(model: type) -> set[str]:
        fields = model.model_fields  # type: ignore[attr-defined]
        return {field.alias or name for name, field in fields.items()}

    assert names(servers) - names(FactAnswer) == names(clients)


def test_the_clients_state_of_a_conversation_has_every_field_besides_the_page() -> None:
    servers = {field.alias or name for name, field in ConversationPage.model_fields.items()}
    clients = roost_client.ConversationState.model_fields
    assert servers - {"items", "next", "total"} == {
        field.alias or name for name, field in clients.items()
    }


def test_an_import_is_over_in_the_servers_sense() -> None:
    assert {each.value for each in ImportState if not each.over} == PENDING_STATES
