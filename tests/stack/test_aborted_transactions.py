"""Records of an aborted transaction exist for nobody: stages, API, rebuild and commands.

A partner that writes to Kafka itself may do so in transactions. The records of an aborted one stay
in the log, between committed ones, and a client with default settings delivers them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaProducer

from deploy.environment import environment_of
from producers import identity_facts
from producers.publisher import Publisher
from roost.events.account import AccountRole, Holder
from roost.events.dead_letter import DeadLetter, dead_letter_id
from roost.events.envelope import Record, record
from roost.events.stage_stop import StageStop
from roost.settings import Settings
from roost.time.clock import SystemClock
from roost.views.elastic import Elastic
from tests.stack.test_pipeline import now, opening, profile
from tests.stack.waiting import all_processed, until

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("stages")]


@pytest.fixture
async def partner(settings: Settings) -> AsyncIterator[AIOKafkaProducer]:
    async with AIOKafkaProducer(
        bootstrap_servers=settings.bootstrap_servers, transactional_id="partner"
    ) as made:
        yield made


async def transact(partner: AIOKafkaProducer, *records: Record, commits: bool) -> None:
    """Write records in one transaction, each to the partition of its key."""
    await partner.begin_transaction()
    for each in records:
        await partner.send_and_wait(
            each.topic.name,
            each.value,
            key=each.key.encode(),
            partition=each.partition,
            headers=each.headers,
        )
    await (partner.commit_transaction() if commits else partner.abort_transaction())


def command(settings: Settings, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy", *words],
        env=environment_of(settings) | {"PATH": ""},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )


def letter(reference: str) -> Record:
    origin = ("openings", 0, 9_000_000)
    made = DeadLetter(
        id=dead_letter_id(*origin, reference),
        topic=origin[0],
        partition=origin[1],
        offset=origin[2],
        stage=reference,
        reason="invalid",
        detail="a letter of the test",
        size=1,
        at=now(),
    )
    return record(made, made.id, source="/tests", at=now())


def stop(stage: str) -> Record:
    made = StageStop(
        id=stage,
        topic="openings",
        partition=0,
        offset=1,
        reason="x",
        failed=1,
        events=1,
        at=now(),
    )
    return record(made, stage, source="/tests", at=now())


async def test_a_transaction_that_never_ends_holds_a_partition_up_for_its_timeout_only(
    publisher: Publisher, settings: Settings, elastic: Elastic
) -> None:
    """The broker ends it; it looks for expired transactions every ten seconds."""
    never, hanging = opening("hanging-1")
    kept, behind = opening("hanging-2")
    behind = replace(behind, chosen_partition=hanging.partition)
    async with AIOKafkaProducer(
        bootstrap_servers=settings.bootstrap_servers,
        transactional_id="hanging-partner",
        transaction_timeout_ms=1_000,
    ) as hung:
        await hung.begin_transaction()
        open_record = await hung.send_and_wait(
            hanging.topic.name,
            hanging.value,
            key=hanging.key.encode(),
            partition=hanging.partition,
            headers=hanging.headers,
        )
        [position] = publisher.publish([behind])
        assert position.partition == open_record.partition
        assert position.offset > open_record.offset, "it waits behind the open transaction"

        async def indexed() -> bool:
            return await elastic.get("openings", kept.id) is not None

        await until("the record behind the transaction in its view", indexed)
        assert await elastic.get("openings", never.id) is None
    # As below: the marker of the broker is now the end of the partition.
    publisher.publish([behind])


async def test_aborted_records_reach_no_view_no_follower_no_rebuild_and_no_command(
    partner: AIOKafkaProducer,
    publisher: Publisher,
    settings: Settings,
    elastic: Elastic,
    api: httpx.AsyncClient,
) -> None:
    since = (await api.get("/v1/changes")).json()["next"]
    holder = Holder(role=AccountRole.ADMIN)
    _, taken_back_key, secret = identity_facts.key_made(holder, "test", (), at=SystemClock().now())
    _, good_key, good_secret = identity_facts.key_made(holder, "test", (), at=SystemClock().now())
    taken_back, gone = opening("aborted-1")
    nobody, gone_profile = profile("aborted-1")
    kept, there = opening("aborted-2")
    worker, there_profile = profile("aborted-2")

    aborted = (gone, gone_profile, taken_back_key, letter("aborted"), stop("aborted"))
    await transact(partner, *aborted, commits=False)
    # To the same partitions: when these are handled, the stages have passed the aborted ones.
    there = replace(there, chosen_partition=gone.partition)
    there_profile = replace(there_profile, chosen_partition=gone_profile.partition)
    committed = (there, there_profile, good_key, letter("kept"), stop("kept"))
    await transact(partner, *committed, commits=True)

    async def indexed() -> bool:
        return all(
            [
                await elastic.get("openings", kept.id) is not None,
                await elastic.get("profiles", worker.id) is not None,
            ]
        )

    await until("the committed records in their views", indexed)

    async def admitted() -> bool:
        return await status_with(api, good_secret) == 200

    await until("the committed key", admitted)
    for view, id in (("openings", taken_back.id), ("profiles", nobody.id)):
        assert await elastic.get(view, id) is None
    assert await status_with(api, secret) == 401
    assert kept.id in await changed(api, since)
    assert taken_back.id not in await changed(api, since)

    listed = command(settings, "dead-letters", "list", "--json")
    stages = {json.loads(line)["stage"] for line in listed.stdout.splitlines()}
    assert "kept" in stages
    assert "aborted" not in stages
    assert "Stage kept" in listed.stderr
    assert "Stage aborted" not in listed.stderr
    command(settings, "dead-letters", "continue", "kept")

    command(settings, "rebuild", "--view", "openings")
    assert await elastic.get("openings", kept.id) is not None
    assert await elastic.get("openings", taken_back.id) is None
    # A transaction's marker at the end of a partition is never committed: later tests would wait.
    publisher.publish([there, there_profile])
    await all_processed(settings)


async def status_with(api: httpx.AsyncClient, secret: str) -> int:
    headers = {"Authorization": f"Bearer {secret}"}
    return (await api.get("/v1/openings", headers=headers)).status_code


async def changed(api: httpx.AsyncClient, since: str) -> set[str]:
    """Return the ids of the openings that the change feed names after a cursor."""
    ids: set[str] = set()
    while True:
        asked: dict[str, Any] = {"since": since, "types": "opening"}
        page = (await api.get("/v1/changes", params=asked)).json()
        ids |= {each["id"] for each in page["items"]}
        since = page["next"]
        if not page["more"]:
            return ids
