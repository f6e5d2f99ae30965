"""The ports to Kafka on a real broker: both producers keep one contract, and the reader its own."""

from __future__ import annotations

import asyncio
import itertools
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    aclosing,
    asynccontextmanager,
    suppress,
)
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from aiokafka import AIOKafkaProducer

from deploy.local import artifacts, folders
from deploy.local.jdk import find_jdk
from deploy.local.kafka import kafka_part
from deploy.local.stack import Stack
from deploy.local.stack_ports import Ports
from producers.admin import current_values, declare_topics, end_offsets
from producers.event_loop_publisher import EventLoopPublisher
from producers.publisher import Publisher
from roost.errors import TooLarge, Transient
from roost.events.envelope import Record
from roost.kafka.incoming import Incoming
from roost.kafka.ports import FollowedBatch, Partition, Position, Producer, Start, partitions_of
from roost.kafka.reader import KafkaReader
from roost.kafka.sender import Sender
from roost.topics import ACCOUNTS, PROFILES, STATIONS, Topic
from tests.stack.waiting import until

pytestmark = pytest.mark.stack
_numbers = itertools.count()
Adapter = Callable[[str, float], AbstractAsyncContextManager[Producer]]
Open = Callable[..., Awaitable[Producer]]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A broker for this module alone: some of its tests stop it."""
    data, ports = tmp_path_factory.mktemp("ports"), Ports.free()
    folders.reachable_folder(data)
    stack = Stack(data, ports, [kafka_part(artifacts.fetch(print), find_jdk(), data, ports)])
    stack.start_all()
    try:
        declare_topics(stack.bootstrap_servers, [PROFILES, STATIONS, ACCOUNTS])
        yield stack
    finally:
        stack.kill_all()
        shutil.rmtree(data, ignore_errors=True)


@pytest.fixture
def topic(broker: Stack) -> Topic:
    """A topic of one partition that holds nothing yet."""
    made = replace(PROFILES, name=f"ports-{next(_numbers)}", partitions=1)
    declare_topics(broker.bootstrap_servers, [made])
    return made


@pytest.fixture
def reader(broker: Stack) -> KafkaReader:
    return KafkaReader(broker.bootstrap_servers)


def records(topic: Topic, *values: bytes) -> list[Record]:
    return [Record(topic, f"w-{value.decode()}", value, []) for value in values]


async def all_of(
    reader: KafkaReader, topic: Topic, start: dict[int, int] | None = None
) -> list[Incoming]:
    async with asyncio.timeout(30):
        return [each async for batch in reader.read_to_end(topic, start=start) for each in batch]


async def values_of(reader: KafkaReader, topic: Topic) -> list[bytes | None]:
    return [each.value for each in await all_of(reader, topic)]


@asynccontextmanager
async def sender(servers: str, timeout_s: float) -> AsyncIterator[Producer]:
    async with Sender(servers, timeout_s=timeout_s) as opened:
        yield opened


@asynccontextmanager
async def event_loop_publisher(servers: str, timeout_s: float) -> AsyncIterator[Producer]:
    with Publisher(servers, timeout_s=timeout_s) as opened:
        yield EventLoopPublisher(opened)


@pytest.mark.parametrize("adapter", [sender, event_loop_publisher])
class TestProducer:
    """The contract of `roost.kafka.ports.Producer`."""

    @pytest.fixture
    async def open(self, adapter: Adapter, broker: Stack) -> AsyncIterator[Open]:
        async with AsyncExitStack() as stack:

            async def opened(timeout_s: float = 20.0) -> Producer:
                return await stack.enter_async_context(adapter(broker.bootstrap_servers, timeout_s))

            yield opened

    async def test_records_are_written_in_order_and_positions_say_where(
        self, open: Open, topic: Topic, reader: KafkaReader
    ) -> None:
        producer = await open()
        sent = records(topic, *(str(number).encode() for number in range(300)))
        positions = await producer.publish(sent)
        assert [each.offset for each in positions] == list(range(300))
        assert [each.version for each in positions] == list(range(1, 301))
        assert {(each.topic, each.partition) for each in positions} == {(topic.name, 0)}
        found = await all_of(reader, topic)
        assert [(each.key, each.value) for each in found] == [
            (each.key.encode(), each.value) for each in sent
        ]

    async def test_more_records_than_may_be_in_flight_keep_their_order(
        self, open: Open, topic: Topic
    ) -> None:
        producer = await open(30.0)
        sent = records(topic, *(str(number).encode() for number in range(4_500)))
        positions = await producer.publish(sent)
        assert [each.offset for each in positions] == list(range(4_500))

    async def test_a_record_goes_to_its_chosen_partition_and_a_tombstone_has_no_value(
        self, open: Open, reader: KafkaReader
    ) -> None:
        producer = await open()
        [position] = await producer.publish([Record(PROFILES, "w-1", None, [], 4)])
        assert position.partition == 4
        start = dict.fromkeys(range(6), 1 << 40) | {4: position.offset}
        [found] = await all_of(reader, PROFILES, start)
        assert (found.key, found.value) == (b"w-1", None)

    async def test_nothing_to_publish_needs_no_broker(self, open: Open) -> None:
        assert await (await open()).publish([]) == []

    async def test_too_large_is_refused_before_anything_is_sent_and_the_next_passes(
        self, open: Open, topic: Topic, reader: KafkaReader
    ) -> None:
        producer = await open()
        large = Record(topic, "w-large", b"x" * 1_000_001, [])
        with pytest.raises(TooLarge):
            await producer.publish([*records(topic, b"1"), large, *records(topic, b"2")])
        assert await values_of(reader, topic) == []
        [position] = await producer.publish(records(topic, b"3"))
        assert position.offset == 0

    async def test_the_largest_record_passes(self, open: Open, topic: Topic) -> None:
        headers = [("ce_id", b"x" * 100)]
        size = 1_000_000 - len("w-1") - len("ce_id") - 100
        [position] = await (await open()).publish([Record(topic, "w-1", b"x" * size, headers)])
        assert position.offset == 0
        with pytest.raises(TooLarge):
            await (await open()).publish([Record(topic, "w-1", b"x" * (size + 1), headers)])

    async def test_what_the_broker_refuses_for_its_size_is_too_large_and_the_next_passes(
        self, open: Open, broker: Stack
    ) -> None:
        class Narrow(Topic):
            def config(self) -> dict[str, str]:
                return super().config() | {"max.message.bytes": "200000"}

        narrow = Narrow(
            f"ports-narrow-{next(_numbers)}", PROFILES.event, "narrow", "id", "", partitions=1
        )
        declare_topics(broker.bootstrap_servers, [narrow])
        producer = await open()
        with pytest.raises(TooLarge):
            await producer.publish([Record(narrow, "w-1", b"x" * 300_000, [])])
        [position] = await producer.publish(records(narrow, b"1"))
        assert position.offset == 0

    async def test_without_a_broker_it_is_transient(self, adapter: Adapter, topic: Topic) -> None:
        async with adapter("127.0.0.1:9", 2.0) as producer:
            with pytest.raises(Transient, match="Kafka"):
                await producer.publish(records(topic, b"1"))

    async def test_a_broker_that_hangs_gives_no_false_success_and_is_used_again(
        self, open: Open, broker: Stack, topic: Topic
    ) -> None:
        producer = await open(6.0)
        await producer.publish(records(topic, b"1"))
        broker.pause("kafka")
        try:
            pending = asyncio.create_task(producer.publish(records(topic, b"2")))
            await asyncio.wait({pending}, timeout=8)
            assert not pending.done() or isinstance(pending.exception(), Transient)
        finally:
            broker.resume("kafka")
        async with asyncio.timeout(60):
            with suppress(Transient):
                await pending
        [position] = await publish_patiently(producer, records(topic, b"3"))
        assert position.offset >= 1

    async def test_a_closed_producer_takes_nothing(
        self, adapter: Adapter, broker: Stack, topic: Topic
    ) -> None:
        async with adapter(broker.bootstrap_servers, 20.0) as producer:
            await producer.publish(records(topic, b"1"))
        with pytest.raises(Transient, match="closing"):
            await producer.publish(records(topic, b"2"))


@asynccontextmanager
async def transactions(broker: Stack) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        bootstrap_servers=broker.bootstrap_servers, transactional_id=f"ports-{next(_numbers)}"
    )
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def in_transaction(
    producer: AIOKafkaProducer, topic: Topic, *values: bytes, commit: bool
) -> None:
    await producer.begin_transaction()
    for value in values:
        await producer.send_and_wait(topic.name, key=b"w-1", value=value, partition=0)
    await (producer.commit_transaction() if commit else producer.abort_transaction())


async def ended(reader: KafkaReader, place: Partition, end: int) -> None:
    """Wait for the end: the coordinator writes markers after it has answered the producer."""

    async def there() -> bool:
        return await reader.end_offsets([place]) == {place: end}

    await until(f"the end is {end}", there)


async def take(batches: AsyncIterator[FollowedBatch], values: int) -> list[bytes | None]:
    found: list[bytes | None] = []
    async with asyncio.timeout(30):
        async for batch in batches:
            found += [each.value for each in batch.records]
            if len(found) >= values:
                break
    return found


async def test_committed_records_are_read_aborted_ones_are_not_and_reading_ends(
    broker: Stack, topic: Topic, reader: KafkaReader
) -> None:
    place = Partition(topic.name, 0)
    async with transactions(broker) as producer:
        await in_transaction(producer, topic, b"1", b"2", commit=True)
        await ended(reader, place, 3)
        assert await values_of(reader, topic) == [b"1", b"2"], "the last offset is a marker"
        await in_transaction(producer, topic, b"3", commit=False)
        await ended(reader, place, 5)
        assert await values_of(reader, topic) == [b"1", b"2"], "the last record is aborted"
        await in_transaction(producer, topic, b"4", commit=True)
        await ended(reader, place, 7)
        found = await all_of(reader, topic)
    assert [(each.offset, each.value) for each in found] == [(0, b"1"), (1, b"2"), (5, b"4")]


async def test_an_open_transaction_is_beyond_the_end(
    broker: Stack, topic: Topic, reader: KafkaReader
) -> None:
    place = Partition(topic.name, 0)
    async with transactions(broker) as producer:
        await in_transaction(producer, topic, b"1", commit=True)
        await ended(reader, place, 2)
        await producer.begin_transaction()
        await producer.send_and_wait(topic.name, key=b"w-1", value=b"2", partition=0)
        assert await reader.end_offsets([place]) == {place: 2}
        assert await values_of(reader, topic) == [b"1"]
        async with aclosing(reader.follow([topic], Start.BEGINNING)) as batches:
            assert await take(batches, 1) == [b"1"]
            await producer.commit_transaction()
            assert await take(batches, 1) == [b"2"]


async def test_a_follower_has_caught_up_although_the_last_offsets_hold_no_record(
    broker: Stack, topic: Topic, reader: KafkaReader
) -> None:
    place = Partition(topic.name, 0)
    async with transactions(broker) as producer:
        await in_transaction(producer, topic, b"1", commit=True)
        await in_transaction(producer, topic, b"2", commit=False)
    await ended(reader, place, 4)
    found: list[bytes | None] = []
    async with asyncio.timeout(30), aclosing(reader.follow([topic], Start.BEGINNING)) as batches:
        async for batch in batches:
            found += [each.value for each in batch.records]
            if batch.caught_up:
                break
    assert found == [b"1"]
    assert batch.positions == {place: 4}


async def test_a_page_passes_over_aborted_records(broker: Stack, reader: KafkaReader) -> None:
    one = replace(STATIONS, partitions=1)
    place = Partition(one.name, 0)
    start = await reader.end_offsets([place])
    async with transactions(broker) as producer:
        await in_transaction(producer, one, b"1", commit=False)
        await in_transaction(producer, one, b"2", b"3", b"4", commit=True)
    await ended(reader, place, start[place] + 6)
    end = {place: start[place] + 6}
    async with asyncio.timeout(30):
        found, reached = await reader.read_page(start, end, 2)
        assert [each.value for each in found] == [b"2", b"3"]
        found, reached = await reader.read_page(reached, end, 10)
        assert [each.value for each in found] == [b"4"]
        assert reached == end
        assert await reader.read_page(reached, end, 10) == ([], end)


async def test_reading_can_begin_at_an_offset_or_with_the_newest_records(
    broker: Stack, topic: Topic, reader: KafkaReader
) -> None:
    async with Sender(broker.bootstrap_servers) as producer:
        await producer.publish(records(topic, *(b"%d" % number for number in range(1_200))))
    found = await all_of(reader, topic, {0: 1_190})
    assert [each.value for each in found] == [b"%d" % number for number in range(1_190, 1_200)]
    assert [each.version for each in found] == list(range(1_191, 1_201))
    newest = [each async for batch in reader.read_to_end(topic, last=3) for each in batch]
    assert [each.value for each in newest] == [b"1197", b"1198", b"1199"]
    assert len(await all_of(reader, topic)) == 1_200


async def test_following_begins_at_the_end_at_a_moment_or_at_a_position(
    broker: Stack, topic: Topic, reader: KafkaReader
) -> None:
    place = Partition(topic.name, 0)
    async with Sender(broker.bootstrap_servers) as producer:
        await producer.publish(records(topic, b"1", b"2"))
        await asyncio.sleep(0.05)
        moment = datetime.now(UTC)
        await asyncio.sleep(0.05)
        await producer.publish(records(topic, b"3"))
        async with aclosing(reader.follow([topic], Start.END)) as at_end:
            first = await anext(at_end)
            assert (first.records, first.positions, first.caught_up) == ([], {place: 3}, True)
            await producer.publish(records(topic, b"4"))
            assert await take(at_end, 1) == [b"4"]
    async with aclosing(reader.follow([topic], moment)) as since:
        assert await take(since, 2) == [b"3", b"4"]
    async with aclosing(reader.follow([topic], {place: 1})) as given:
        assert await take(given, 3) == [b"2", b"3", b"4"]
    later = datetime.now(UTC) + timedelta(hours=1)
    async with aclosing(reader.follow([topic], later)) as future:
        assert (await anext(future)).positions == {place: 4}


async def test_a_follower_survives_the_broker_and_delivers_every_record_once(
    broker: Stack, topic: Topic, reader: KafkaReader
) -> None:
    found: list[bytes | None] = []

    async def follow() -> None:
        async for batch in reader.follow([topic], Start.BEGINNING, linger_s=0.1):
            found.extend(each.value for each in batch.records)

    following = asyncio.create_task(follow())
    async with Sender(broker.bootstrap_servers) as producer:
        await producer.publish(records(topic, b"1", b"2"))
        await until("two records", holds(lambda: len(found) == 2))
        broker.kill("kafka")
        await asyncio.sleep(3)
        broker.start("kafka")
        await publish_patiently(producer, records(topic, b"3"))
        await until("the third record", holds(lambda: b"3" in found))
    following.cancel()
    await asyncio.wait([following])
    assert [each for each in found if each != b"3"] == [b"1", b"2"]


async def test_a_group_is_observed_without_joining_it(
    broker: Stack, topic: Topic, reader: KafkaReader
) -> None:
    place = Partition(topic.name, 0)
    async with Sender(broker.bootstrap_servers) as producer:
        await producer.publish(records(topic, b"1", b"2"))
    async with reader.group_offsets("roost-ports-nobody") as offsets:

        async def committed() -> tuple[dict[Partition, int]] | None:
            with suppress(Transient):  # the first query creates the topic of group offsets
                return (await offsets.committed(),)
            return None

        assert await until("a coordinator", committed) == ({},)
        assert await offsets.ends([place]) == {place: 2}
        assert await offsets.ends([]) == {}


async def test_reading_without_a_broker_is_transient() -> None:
    away = KafkaReader("127.0.0.1:9")
    with pytest.raises(Transient, match="cannot be read"):
        await away.end_offsets(partitions_of([PROFILES]))
    with pytest.raises(Transient, match="cannot be read"):
        await all_of(away, PROFILES)
    with pytest.raises(Transient, match="cannot be read"):
        async with away.group_offsets("roost-nobody"):
            pass


async def test_the_values_of_a_table_are_the_newest_of_its_keys(broker: Stack) -> None:
    async with Sender(broker.bootstrap_servers) as producer:
        await producer.publish(
            [
                Record(ACCOUNTS, "u-1", b"1", []),
                Record(ACCOUNTS, "u-2", b"2", []),
                Record(ACCOUNTS, "u-1", b"3", []),
                Record(ACCOUNTS, "u-2", None, []),
            ]
        )
    assert current_values(broker.bootstrap_servers, ACCOUNTS) == {"u-1": b"3"}
    assert end_offsets(broker.bootstrap_servers, [ACCOUNTS]) == {ACCOUNTS.name: {0: 4}}


def holds(condition: Callable[[], bool]) -> Callable[[], Awaitable[bool]]:
    async def held() -> bool:
        return condition()

    return held


async def publish_patiently(producer: Producer, sent: list[Record]) -> list[Position]:
    async def published() -> list[Position]:
        with suppress(Transient):
            return await producer.publish(sent)
        return []

    return await until("it is published", published)
