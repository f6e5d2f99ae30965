"""The whole OpenAPI document, fuzzed against the real API on real servers (Schemathesis).

Requests are alternately valid and invalid. Every answer must be documented, and none may be an
internal error.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from deploy.local.processes import Process
from roost.settings import Settings
from tests.stack.serving import Serving, headers_for, served, wait_known

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1_800)]
SEED = 7
EXAMPLES = 6
"""Examples per operation and phase; a few hundred requests per minute."""
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "ignored_auth",
)
NOT_FUZZED = r"/events$|^/v1/(me|sign-out)"
"""Endless streams; and operations on the own account: a key has no password, and signing out would
end the run. One pattern, because the run obeys the last one only."""
ENDING = ("DELETE /v1/keys/{id}", "POST /v1/keys/{id}/rotate")
"""Operations that could revoke the run's own key by a seen id; they run separately."""


@pytest.fixture(scope="module")
def settings(own_settings: Settings) -> Settings:
    """Servers used by the fuzzing alone."""
    return own_settings


@pytest.fixture(scope="module")
def serving(
    settings: Settings, index: Process, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Serving]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ROOST_DOCS_ARE_OPEN", "true")
        with served(settings) as running:
            yield running


def test_no_answer_is_undocumented_and_none_is_a_fault(
    serving: Serving, settings: Settings
) -> None:
    fuzz(serving.url, serving.headers, *_each("exclude-name"))
    again = headers_for(settings)
    wait_known(serving.url, again)
    fuzz(serving.url, again, *_each("include-name"))


def _each(option: str) -> list[str]:
    return [part for name in ENDING for part in (f"--{option}", name)]


def fuzz(url: str, headers: dict[str, str], *chosen: str) -> None:
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json"]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    command += ["--checks", ",".join(CHECKS), "--mode", "all", "--seed", str(SEED)]
    command += ["--phases", "examples,fuzzing", "--max-examples", str(EXAMPLES), "--no-shrink"]
    command += [*chosen, "--exclude-path-regex", NOT_FUZZED]
    command += ["--suppress-health-check", "all", "--request-timeout", "60", "--no-color"]
    command += ["--continue-on-failure"]
    environment = os.environ | {"SCHEMATHESIS_HOOKS": "tests.stack.fuzz_hooks"}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=1_500, env=environment
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
