"""`roost dead-letters` as an operator uses it, on letters written by the stages."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from kafka import KafkaProducer

from deploy.environment import environment_of
from producers.publisher import Publisher
from roost import ids
from roost.events.notification import DeliveryStatus
from roost.kafka.sender import Sender
from roost.settings import Settings
from roost.time.clock import SystemClock
from roost.views.elastic import Elastic
from streams.deliver import rows
from streams.deliver.ledger import Ledger
from tests.stack.test_pipeline import opening, profile
from tests.stack.waiting import all_processed

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("stages")]
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def roost(settings: Settings) -> Command:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "deploy", "dead-letters", *words],
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


async def test_a_delivery_that_failed_is_listed_and_sent_again_once(
    settings: Settings, publisher: Publisher, elastic: Elastic, outbox: Path, roost: Command
) -> None:
    worker, put = profile("sent-again")
    publisher.publish([put, opening("sent-again")[1]])
    await all_processed(settings)

    def told() -> list[str]:
        lines = [json.loads(line) for line in outbox.read_text("utf-8").splitlines()]
        return [line["id"] for line in lines if line["to"] == worker.id]

    (message,) = told()
    id = ids.delivery_id(message, "sms")
    async with Sender(settings.bootstrap_servers) as sender:
        clock = SystemClock()
        ledger = Ledger(elastic, sender, clock, settings.bootstrap_servers)
        sent = (await ledger.rows([id]))[id]
        failed = rows.ended(sent, DeliveryStatus.FAILED, clock.now(), "no such number")
        assert await ledger.record([failed]) == [failed]

    (line,) = [each for each in roost("list").stdout.splitlines() if "sms failed" in each]
    assert line.endswith("  parked  sms failed: no such number")
    letter = line.split()[0]
    retried = roost("retry", letter)
    assert retried.returncode == 0, retried.stderr
    await all_processed(settings)
    assert told() == [message, message], "under the id that it had"
    assert letter not in roost("list").stdout
    again = roost("retry", letter)
    assert again.returncode == 1
    assert f"{id} is sent now" in again.stderr
    assert told() == [message, message]


def test_what_is_not_there_is_said_in_one_sentence(roost: Command) -> None:
    absent = roost("show", "openings/0/999999@index")
    assert absent.returncode == 1
    assert "There is no dead letter" in absent.stderr
    assert "Traceback" not in absent.stderr
