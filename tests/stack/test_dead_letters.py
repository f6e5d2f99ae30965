"""`roost dead-letters` as an operator uses it, on letters that the stages have parked."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from kafka import KafkaProducer

from deploy.environment import environment_of
from roost.settings import Settings
from tests.stack.waiting import all_processed

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("stages")]
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def roost(settings: Settings) -> Command:
    program = str(Path(sys.executable).parent / "roost")

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program, "dead-letters", *words],
            env=environment_of(settings) | {"PATH": ""},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


async def test_a_letter_is_listed_shown_and_retried(settings: Settings, roost: Command) -> None:
    raw = KafkaProducer(bootstrap_servers=settings.bootstrap_servers)
    at = raw.send("openings", key=b"parked", value=b'{"title": 7}', partition=0).get(10)
    raw.close()
    await all_processed(settings)
    id = f"openings/0/{at.offset}@index"

    listed = [json.loads(line) for line in roost("list", "--json").stdout.splitlines()]
    assert [each["status"] for each in listed if each["id"] == id] == ["parked"]
    assert id in roost("list").stdout
    shown = roost("show", id)
    assert shown.returncode == 0
    assert '{"title": 7}' in shown.stdout

    retried = roost("retry", id)
    assert retried.returncode == 0, retried.stderr
    await all_processed(settings)
    waiting = [json.loads(line) for line in roost("list", "--json").stdout.splitlines()]
    again = {each["id"]: each for each in waiting}
    assert id not in again, "a retried letter no longer waits"
    assert f"openings/0/{at.offset + 1}@index" in again, "it is as bad as before: parked anew"


def test_what_is_not_there_is_said_in_one_sentence(roost: Command) -> None:
    absent = roost("show", "openings/0/999999@index")
    assert absent.returncode == 1
    assert "There is no dead letter" in absent.stderr
    assert "Traceback" not in absent.stderr
