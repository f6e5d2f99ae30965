"""A view holds every record of its topic, of any producer, as after a rebuild."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import orjson
import pytest

from producers import facts
from roost.events.notification import NotificationKind, Recipient, RecipientKind
from roost.events.preferences import ChannelKind
from roost.kafka.incoming import Fact, Incoming, decode_fact
from roost.topics import DELIVERIES, EMPLOYERS, MATCHES, NOTIFICATIONS, SLOTS, Topic
from roost.views.answers import Write
from streams.maintenance.dead_letters import SOURCE as RETRY
from streams.maintenance.projection_registry import RECORD_PROJECTIONS
from streams.notify import notify_stage
from streams.stages import READS, WRITES
from streams.views.notification_projection import project_notifications
from streams.views.projections import INDEXED, VIEW_OF
from streams.views.tail_replay import TailReplay
from tests.event_examples import examples_of
from tests.unit.streams.in_memory import NOON, WORKER, InMemoryElastic, Process, World, run
from tests.unit.streams.test_deliver_stage import Stand
from tests.unit.streams.test_employer_notifications import Stage, causes, with_opening

K = NotificationKind
PARTNER = "/partner"


def from_topic(topic: Topic, value: Any, source: str, offset: int = 4, key: str = "") -> Fact[Any]:
    """Return a record of a topic by a producer; without a value it is a tombstone."""
    key = key or (value["id"] if topic.compacted else value["recipient"]["id"])
    content = orjson.dumps(value) if value is not None else None
    headers = (("ce_source", source.encode()),)
    return decode_fact(Incoming(topic, 0, offset, key.encode(), content, NOON, headers))


def documents(world: World, topic: Topic) -> dict[str, tuple[int, Any]]:
    return {id: found for (view, id), found in world.documents.items() if view == topic.name}


def rebuilt(topic: Topic, facts: Sequence[Fact[Any]]) -> dict[str, tuple[int, Any]]:
    """Return the documents that a replay of these records gives."""
    writes: list[Write] = RECORD_PROJECTIONS[topic](facts)
    return {each.id: (each.version, orjson.loads(orjson.dumps(each.document))) for each in writes}


def planned(*given: Fact[Any]) -> World:
    """Return the world after the deliver stage has handled these notifications."""
    stand = Stand(World())

    async def flow() -> None:
        async with stand.stage.running():
            await stand.stage.handle(given)
            await asyncio.sleep(1)

    run(flow())
    return stand.world


def test_every_view_is_kept_by_a_stage_that_reads_its_whole_topic() -> None:
    """The ledger alone writes `deliveries`; a dead letter of it is queued again by the ledger."""
    by_publisher = [topic for topic in VIEW_OF if topic not in INDEXED]
    assert by_publisher == [MATCHES, SLOTS, NOTIFICATIONS, DELIVERIES]
    assert SLOTS in READS["queue"], "the queue stage writes the view of the API's records"
    for topic, writers, reader in (
        (MATCHES, ["queue"], "notify"),
        (NOTIFICATIONS, ["alert", "notify"], "deliver"),
    ):
        assert [each for each, topics in WRITES.items() if topic in topics] == writers
        assert topic in READS[reader]
    assert set(INDEXED) <= set(READS["index"])


def test_a_code_that_the_api_sends_is_in_the_view_at_once() -> None:
    recipient = Recipient(kind=RecipientKind.WORKER, id=WORKER)
    asked = facts.address_code_asked(recipient, ChannelKind.SMS, "cause", at=NOON)
    assert asked.value is not None
    code = decode_fact(
        Incoming(NOTIFICATIONS, 0, 7, WORKER.encode(), asked.value, NOON, tuple(asked.headers))
    )
    found = documents(planned(code), NOTIFICATIONS)
    assert found == rebuilt(NOTIFICATIONS, [code])
    assert [each["kind"] for _, each in found.values()] == ["address_code"]


@pytest.mark.parametrize("source", [PARTNER, RETRY, ""])
def test_a_notification_of_any_producer_is_in_the_view_as_a_rebuild_has_it(source: str) -> None:
    examples = examples_of(NOTIFICATIONS)
    given = [
        from_topic(NOTIFICATIONS, each, source, offset) for offset, each in enumerate(examples)
    ]
    assert documents(planned(*given), NOTIFICATIONS) == rebuilt(NOTIFICATIONS, given)


def test_the_notify_stages_own_records_are_not_written_twice() -> None:
    own = from_topic(NOTIFICATIONS, examples_of(NOTIFICATIONS)[0], notify_stage.SOURCE)
    assert documents(planned(own), NOTIFICATIONS) == {}


@pytest.mark.parametrize("source", [PARTNER, RETRY])
def test_a_match_of_another_producer_is_in_the_view_and_a_tombstone_erases_it(source: str) -> None:
    given = [
        from_topic(MATCHES, each, source, offset)
        for offset, each in enumerate(examples_of(MATCHES))
        if not offset or each["id"] != examples_of(MATCHES)[0]["id"]
    ]
    stage = Stage()
    stage.handle(*given)
    assert documents(stage.world, MATCHES) == rebuilt(MATCHES, given)
    gone = from_topic(MATCHES, None, source, 90, given[0].key)
    stage.handle(gone)
    assert documents(stage.world, MATCHES)[gone.key] == rebuilt(MATCHES, [gone])[gone.key]


class InMemoryReplay(TailReplay):
    """The replay of `notifications` from the topic in memory."""

    def __init__(self, process: Process) -> None:
        elastic = InMemoryElastic(process)
        super().__init__(elastic, "", NOTIFICATIONS, project_notifications, last=100)
        self._world = process.world

    async def _records(self) -> AsyncIterator[Sequence[Incoming]]:
        yield [
            Incoming(NOTIFICATIONS, 0, offset, each.key.encode(), each.value, NOON)
            for offset, each in enumerate(self._world.said)
            if each.topic is NOTIFICATIONS
        ]

    def _newest(self, partitions: set[int]) -> AsyncIterator[Sequence[Incoming]]:
        return self._records()


def test_what_a_killed_stage_published_comes_into_the_view_though_it_is_due_no_more() -> None:
    """Between the kill and the repeat the employer has erased its contact."""
    stage = with_opening(Stage())
    kind, cause = causes()[0]
    stage.handle(cause)
    ((view_key, _),) = [each for each in stage.world.documents.items() if "notif" in each[0][0]]
    del stage.world.documents[view_key]  # the process was killed before it wrote the view
    stage.world.put(EMPLOYERS.name, stage.told[0].recipient.id, 9, None)
    stage.recovery = InMemoryReplay
    stage.handle(cause)
    assert [each.kind for each in stage.told] == [kind], "it is not published again"
    assert view_key in stage.world.documents
