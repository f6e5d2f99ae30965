"""The publisher on a real broker: only acknowledged records count, and failures end."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Iterator

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaTimeoutError
from kafka.producer.sender import Sender

from deploy.local import artifacts, folders
from deploy.local.jdk import find_jdk
from deploy.local.kafka import kafka_part
from deploy.local.stack import Stack
from deploy.local.stack_ports import Ports
from producers import facts, simulator
from producers.admin import declare_topics, end_offsets
from producers.event_loop_publisher import EventLoopPublisher
from producers.publisher import Publisher
from roost.errors import TooLarge, Transient
from roost.events.envelope import Record
from roost.kafka.ports import Position
from roost.topics import PROFILES
from tests.stack.conftest import NOW
from tests.stack.waiting import until

pytestmark = pytest.mark.stack


def records(count: int, start: int = 0) -> list[Record]:
    made = simulator.profiles(count, seed=77, start=start)
    return [facts.profile_put(each, at=NOW, source="publisher-test")[1] for each in made]


async def publish(publisher: EventLoopPublisher, record: Record) -> Position:
    [position] = await publisher.publish([record])
    return position


def large(size: int) -> Record:
    [record] = records(1)
    return Record(PROFILES, record.key, b"x" * size, record.headers)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A broker used by this module alone: it is damaged, and no stage reads its records."""
    data, ports = tmp_path_factory.mktemp("broker"), Ports.free()
    folders.reachable_folder(data)
    stack = Stack(data, ports, [kafka_part(artifacts.fetch(print), find_jdk(), data, ports)])
    stack.start_all()
    try:
        declare_topics(stack.bootstrap_servers)
        yield stack
    finally:
        stack.kill_all()
        shutil.rmtree(data, ignore_errors=True)


@pytest.fixture
def publisher(broker: Stack) -> Iterator[Publisher]:
    with Publisher(broker.bootstrap_servers) as opened:
        yield opened


def test_every_position_is_where_the_broker_keeps_the_record(
    publisher: Publisher, broker: Stack
) -> None:
    sent = records(50)
    positions = publisher.publish(sent)
    consumer = KafkaConsumer(
        bootstrap_servers=broker.bootstrap_servers, isolation_level="read_committed"
    )
    try:
        for record, position in zip(sent, positions, strict=True):
            place = TopicPartition(position.topic, position.partition)
            consumer.assign([place])
            consumer.seek(place, position.offset)
            kept = next(iter(consumer.poll(10_000, max_records=1)[place]))
            assert (kept.key, kept.value) == (record.key.encode(), record.value)
            assert position.partition == record.partition
            assert position.version == position.offset + 1
    finally:
        consumer.close()


def test_a_record_that_is_too_large_is_refused_before_any_is_sent_and_the_next_ones_pass(
    publisher: Publisher, broker: Stack
) -> None:
    before = _total(broker)
    with pytest.raises(TooLarge):
        publisher.publish([*records(3), large(1_000_001), *records(2)])
    assert _total(broker) == before
    assert len(publisher.publish(records(2))) == 2


def test_the_largest_record_that_is_taken_is_one_that_the_broker_takes(
    publisher: Publisher,
) -> None:
    [plain] = records(1)
    size = 1_000_000 - len(plain.key) - sum(len(a) + len(b) for a, b in plain.headers)
    for less in range(0, 200, 20):
        try:
            publisher.publish([large(size - less)])
        except TooLarge:
            continue
        break
    assert less < 200
    assert len(publisher.publish(records(1))) == 1


async def test_many_at_once_each_get_their_own_position(publisher: Publisher) -> None:
    sent, on_loop = records(300, start=1_000), EventLoopPublisher(publisher)
    positions = await asyncio.gather(*(publish(on_loop, each) for each in sent))
    assert len({(each.partition, each.offset) for each in positions}) == 300
    assert [each.partition for each in positions] == [each.partition for each in sent]


async def test_more_than_may_wait_at_once_is_refused_and_the_rest_arrives(
    publisher: Publisher, broker: Stack
) -> None:
    before, on_loop = _total(broker), EventLoopPublisher(publisher)
    answers = await asyncio.gather(
        *(publish(on_loop, each) for each in records(2_100, start=5_000)),
        return_exceptions=True,
    )
    refused = [each for each in answers if isinstance(each, Transient)]
    assert len(refused) == 100
    assert _total(broker) == before + 2_000


def test_a_closed_publisher_takes_nothing(broker: Stack) -> None:
    closed = Publisher(broker.bootstrap_servers)
    closed.publish(records(1))
    closed.close()
    with pytest.raises(Transient, match="closing"):
        closed.publish(records(1))


def test_where_no_broker_is_it_says_so() -> None:
    with (
        Publisher("127.0.0.1:9", timeout_s=2) as nowhere,
        pytest.raises(Transient, match="Kafka"),
    ):
        nowhere.publish(records(1))


async def test_a_broker_that_dies_gives_no_false_success_and_is_found_again(
    broker: Stack,
) -> None:
    with Publisher(broker.bootstrap_servers, timeout_s=6) as publisher:
        on_loop = EventLoopPublisher(publisher)
        first = await publish(on_loop, records(1)[0])
        broker.kill("kafka")
        answers = await asyncio.gather(
            *(publish(on_loop, each) for each in records(40)), return_exceptions=True
        )
        assert {type(each) for each in answers} == {Transient}
        with pytest.raises(Transient):
            publisher.publish(records(3))
        broker.start("kafka")
        again = await publish(on_loop, records(1)[0])
        assert again.offset > first.offset


def test_kafka_pythons_close_closes_nothing_while_a_record_waits(broker: Stack) -> None:
    before = _senders()
    bare = KafkaProducer(
        bootstrap_servers=broker.bootstrap_servers,
        delivery_timeout_ms=4_000,
        request_timeout_ms=3_000,
    )
    [own] = _senders() - before
    assert bare.partitions_for(PROFILES.name)
    bare.send(PROFILES.name, key=b"x", partition=0).get(timeout=20)  # it has its producer id
    broker.pause("kafka")
    try:
        bare.send(PROFILES.name, b"{}", partition=0)
        with pytest.raises(KafkaTimeoutError):
            bare.close(timeout=0.5)
        assert own.is_alive()
        bare.close(timeout=10)  # longer than the record's timeout
        assert not own.is_alive()
    finally:
        broker.resume("kafka")


async def test_a_producer_that_failed_is_let_go_once_all_that_waits_in_it_has_its_answer(
    broker: Stack,
) -> None:
    before = _senders()
    earlier, later = records(2, start=20)
    with Publisher(broker.bootstrap_servers, timeout_s=8) as publisher:
        on_loop = EventLoopPublisher(publisher)
        await publish(on_loop, earlier)
        [own] = _senders() - before
        broker.kill("kafka")
        try:
            first = asyncio.create_task(publish(on_loop, earlier))
            await asyncio.sleep(2.5)  # the later record waits this much longer after the failure
            answers = await asyncio.gather(first, publish(on_loop, later), return_exceptions=True)
        finally:
            broker.start("kafka")
        assert [type(each) for each in answers] == [Transient, Transient]

        async def ended() -> bool:
            return not own.is_alive()

        await until("its thread ended", ended, within_s=30)
        assert (await publish(on_loop, later)).offset >= 0


async def test_a_broker_that_hangs_gives_no_false_success(broker: Stack) -> None:
    with Publisher(broker.bootstrap_servers, timeout_s=4) as publisher:
        on_loop = EventLoopPublisher(publisher)
        await publish(on_loop, records(1)[0])
        broker.pause("kafka")
        try:
            with pytest.raises(Transient):
                await publish(on_loop, records(1)[0])
        finally:
            broker.resume("kafka")
        assert (await publish(on_loop, records(1, start=9)[0])).offset >= 0


def _senders() -> set[threading.Thread]:
    return {each for each in threading.enumerate() if isinstance(each, Sender)}


def _total(broker: Stack) -> int:
    return sum(end_offsets(broker.bootstrap_servers, [PROFILES])["profiles"].values())
