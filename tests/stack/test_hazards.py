"""Hazards of the libraries, each with Roost's defence.

Every test has two halves: the library alone loses, stalls or resurrects (so the defence is needed,
and a release that fixes it is noticed here), and Roost on the same servers does not.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError as RefusedForItsSize
from elasticsearch import AsyncElasticsearch, ConflictError, NotFoundError
from elasticsearch.helpers import BulkIndexError, async_bulk
from kafka import KafkaProducer
from kafka.errors import KafkaError, MessageSizeTooLargeError

from producers.admin import declare_topics
from producers.event_loop_publisher import EventLoopPublisher
from producers.publisher import Publisher
from roost.errors import TooLarge
from roost.events.envelope import Record
from roost.kafka.sender import Sender
from roost.settings import Settings
from roost.topics import MAX_RECORD_BYTES, PROFILES, Topic
from roost.views import request_bodies
from roost.views.elastic import Elastic, Write
from tests.stack.waiting import until

pytestmark = pytest.mark.stack

SMALL_LIMIT, TOO_LARGE, LITTLE = 300_000, b"x" * 600_000, b"x"
_numbers = itertools.count()


class NarrowTopic(Topic):
    """A topic whose broker accepts smaller records than Roost assumes."""

    def config(self) -> dict[str, str]:
        return super().config() | {"max.message.bytes": str(SMALL_LIMIT)}


@pytest.fixture
def narrow(settings: Settings) -> Topic:
    topic = NarrowTopic(
        f"hazard-{next(_numbers)}", PROFILES.event, "hazard", "id", "Of this test.", partitions=1
    )
    declare_topics(settings.bootstrap_servers, [topic])
    return topic


def record(topic: Topic, value: bytes) -> Record:
    return Record(topic, "w-1", value, [])


async def test_a_send_that_returned_is_not_a_delivery(settings: Settings, narrow: Topic) -> None:
    bare = AIOKafkaProducer(
        bootstrap_servers=settings.bootstrap_servers, max_request_size=MAX_RECORD_BYTES
    )
    await bare.start()
    try:
        future = await bare.send(narrow.name, TOO_LARGE)  # no outcome yet
        await bare.flush()  # nor here
        with pytest.raises(RefusedForItsSize):
            await future
    finally:
        await bare.stop()

    async with Sender(settings.bootstrap_servers) as ours:
        with pytest.raises(TooLarge):
            await ours.publish([record(narrow, TOO_LARGE)])
        assert [each.version for each in await ours.publish([record(narrow, LITTLE)])] == [1]


async def test_a_record_that_the_broker_refuses_spoils_no_later_one(
    settings: Settings, narrow: Topic
) -> None:
    bare = KafkaProducer(
        bootstrap_servers=settings.bootstrap_servers,
        max_request_size=MAX_RECORD_BYTES,
        delivery_timeout_ms=5_000,
        request_timeout_ms=4_000,
    )
    try:
        refused = bare.send(narrow.name, TOO_LARGE)
        bare.flush(10)  # raises nothing
        with pytest.raises(MessageSizeTooLargeError):
            refused.get(0)
        with pytest.raises(KafkaError):
            bare.send(narrow.name, LITTLE).get(10)
    finally:
        bare.close(timeout=0)

    with Publisher(settings.bootstrap_servers) as ours:
        with pytest.raises(TooLarge):
            ours.publish([record(narrow, TOO_LARGE)])
        assert ours.publish([record(narrow, LITTLE)])[0].offset == 0
        with pytest.raises(TooLarge):
            await EventLoopPublisher(ours).publish([record(narrow, TOO_LARGE)])
        [position] = await EventLoopPublisher(ours).publish([record(narrow, LITTLE)])
        assert position.offset == 1


@pytest.fixture
async def bare(settings: Settings) -> AsyncIterator[AsyncElasticsearch]:
    async with AsyncElasticsearch(settings.elasticsearch_url) as client:
        yield client


@pytest.fixture
async def index(bare: AsyncElasticsearch) -> AsyncIterator[str]:
    """An index that forgets deletions at once, as every index does in time."""
    name = f"hazard-{next(_numbers)}"
    await bare.indices.create(index=name, settings={"gc_deletes": "0s", "number_of_shards": 1})
    yield name
    await bare.indices.delete(index=name)


async def test_an_older_version_among_many_stops_no_other(
    bare: AsyncElasticsearch, index: str, elastic: Elastic, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = [("first", 5), ("stale", 3), ("last", 5)]

    def actions(prefix: str) -> Iterator[dict[str, object]]:
        for id, version in said:
            yield {
                "_index": index,
                "_id": f"{prefix}-{id}",
                "_version": version,
                "_version_type": "external",
                "version": version,
            }

    for prefix in ("bare", "ours"):
        stale = {"version": 9}
        await bare.index(
            index=index, id=f"{prefix}-stale", document=stale, version=9, version_type="external"
        )
    with pytest.raises(BulkIndexError):
        await async_bulk(bare, actions("bare"), chunk_size=1)
    with pytest.raises(NotFoundError):
        await bare.get(index=index, id="bare-last")

    monkeypatch.setattr(request_bodies, "BULK_BYTES", 1)  # one request each, as above
    writes = [Write(index, f"ours-{id}", version, {"version": version}) for id, version in said]
    assert await elastic.write(writes) == []
    versions = await elastic.versions([(each.view, each.id) for each in writes])
    assert list(versions.values()) == [5, 9, 5]


async def test_what_is_gone_stays_gone_when_an_older_event_comes_late(
    bare: AsyncElasticsearch, index: str, elastic: Elastic
) -> None:
    late = {"text": "as it was"}
    await bare.index(index=index, id="bare", document=late, version=4, version_type="external")
    await bare.delete(index=index, id="bare", version=5, version_type="external")

    async def is_taken() -> bool:
        """Return whether the index accepts a stale write after forgetting a deletion."""
        try:
            await bare.index(
                index=index, id="bare", document=late, version=3, version_type="external"
            )
        except ConflictError:
            return False
        return True

    await until("the late update taken", is_taken, 30)
    assert (await bare.get(index=index, id="bare"))["_source"] == late

    opened = Write(index, "ours", 4, late)
    erased = replace(opened, version=5, document={"erased": True})
    await elastic.write([opened])
    await elastic.write([erased])
    await elastic.write([replace(opened, version=3)])
    assert await elastic.get(index, "ours") == erased.document
