"""The reader on logs with gaps, as compaction, aborted records and markers leave them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaConnectionError
from aiokafka.structs import OffsetAndTimestamp

from roost.errors import Transient
from roost.kafka import reader as module
from roost.kafka.ports import FollowedBatch, Partition, Start
from roost.kafka.reader import KafkaReader
from roost.topics import PROFILES

ONE = replace(PROFILES, partitions=1)
PLACE = Partition(ONE.name, 0)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
GAP = None


@dataclass
class Cluster:
    """One partition per topic, minute by minute; `failures` make the next polls fail."""

    logs: dict[TopicPartition, list[bytes | None]] = field(
        default_factory=lambda: defaultdict(list)
    )
    failures: int = 0
    options: list[dict[str, Any]] = field(default_factory=list)
    opened: int = 0

    @property
    def log(self) -> list[bytes | None]:
        return self.logs[TopicPartition(*PLACE)]


class GappyConsumer:
    """A consumer whose position passes over gaps, which it never delivers."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._positions: dict[TopicPartition, int] = {}
        self._known: set[str] = set()
        """Topics whose leaders the client has asked for."""
        self._client = self

    async def add_topic(self, topic: str) -> None:
        self._known.add(topic)

    async def start(self) -> None:
        self._cluster.opened += 1

    async def stop(self) -> None:
        self._cluster.opened -= 1

    def assign(self, partitions: Sequence[TopicPartition]) -> None:
        self._positions = dict.fromkeys(partitions, 0)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self._positions[partition] = offset

    async def position(self, partition: TopicPartition) -> int:
        return self._positions[partition]

    async def end_offsets(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        unknown = {each.topic for each in partitions} - self._known
        assert not unknown, "aiokafka waits 0.1 s for each topic that it does not know"
        return {each: len(self._cluster.logs[each]) for each in partitions}

    async def beginning_offsets(
        self, partitions: Sequence[TopicPartition]
    ) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, 0)

    async def offsets_for_times(
        self, moments: dict[TopicPartition, int]
    ) -> dict[TopicPartition, OffsetAndTimestamp | None]:
        found: dict[TopicPartition, OffsetAndTimestamp | None] = {}
        for each, moment in moments.items():
            offset = max(0, (moment - _milliseconds(0)) // 60_000)
            within = offset < len(self._cluster.logs[each])
            found[each] = OffsetAndTimestamp(offset, moment) if within else None
        return found

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int, max_records: int | None = None
    ) -> dict[TopicPartition, list[ConsumerRecord]]:
        await asyncio.sleep(0)
        if self._cluster.failures:
            self._cluster.failures -= 1
            raise KafkaConnectionError("the broker is away")
        found: dict[TopicPartition, list[ConsumerRecord]] = {}
        for each in partitions:
            log, records = self._cluster.logs[each], []
            while self._positions[each] < len(log):
                offset = self._positions[each]
                if log[offset] is not GAP:
                    if len(records) == (max_records or 3):
                        break
                    records.append(_record(each, offset, log[offset]))
                self._positions[each] = offset + 1
            if records:
                found[each] = records
        return found


def _milliseconds(offset: int) -> int:
    return int((NOON + timedelta(minutes=offset)).timestamp() * 1000)


def _record(partition: TopicPartition, offset: int, value: bytes | None) -> ConsumerRecord:
    at = _milliseconds(offset)
    return ConsumerRecord(*partition, offset, at, 0, b"w-1", value, None, 3, 1, ())


class GappyReader(KafkaReader):
    """The real reader on the consumers of a cluster in memory."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__("nowhere:1")
        self._cluster = cluster

    def _new_consumer(self, **options: Any) -> Any:
        self._cluster.options.append(options)
        return GappyConsumer(self._cluster)


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    monkeypatch.setattr(module, "RETRY_S", 0.0)
    return Cluster()


async def values(reader: KafkaReader, **options: Any) -> list[bytes | None]:
    async with asyncio.timeout(5):
        batches = reader.read_to_end(ONE, **options)
        return [each.value async for batch in batches for each in batch]


async def followed(
    reader: KafkaReader, start: Any, batches: int
) -> tuple[list[bytes | None], FollowedBatch]:
    found: list[bytes | None] = []
    async with asyncio.timeout(5), aclosing(reader.follow([ONE], start)) as following:
        for _ in range(batches):
            batch = await anext(following)
            found += [each.value for each in batch.records]
    return found, batch


@pytest.mark.parametrize(
    "log",
    [
        [],
        [GAP],
        [b"1", GAP],
        [GAP, GAP, b"1", b"2", GAP, b"3", b"4", b"5", GAP, GAP],
        [b"1", b"2", b"3", GAP],
    ],
)
async def test_reading_to_the_end_ends_whatever_the_last_offsets_hold(
    cluster: Cluster, log: list[bytes | None]
) -> None:
    cluster.log.extend(log)
    assert await values(GappyReader(cluster)) == [each for each in log if each is not GAP]
    assert cluster.opened == 0


async def test_reading_begins_where_it_is_told(cluster: Cluster) -> None:
    cluster.log.extend([b"0", GAP, b"2", b"3", GAP])
    reader = GappyReader(cluster)
    assert await values(reader, start={0: 2}) == [b"2", b"3"]
    assert await values(reader, last=2) == [b"3"]
    assert await values(reader, last=1) == []
    assert await values(reader, start={0: 1 << 40}) == []
    assert await values(reader, partitions=[]) == []


async def test_records_that_arrive_while_reading_are_beyond_the_end(cluster: Cluster) -> None:
    cluster.log.extend([b"0", b"1"])
    found = []
    async with asyncio.timeout(5):
        async for batch in GappyReader(cluster).read_to_end(ONE):
            found += [each.value for each in batch]
            cluster.log.append(b"late")
    assert found == [b"0", b"1"]


async def test_a_page_is_bounded_and_reaches_its_end_over_gaps(cluster: Cluster) -> None:
    cluster.log.extend([GAP, b"1", b"2", b"3", GAP, GAP])
    reader, start = GappyReader(cluster), {PLACE: 0}
    async with asyncio.timeout(5):
        found, reached = await reader.read_page(start, {PLACE: 6}, 2)
        assert [each.value for each in found] == [b"1", b"2"]
        found, reached = await reader.read_page(reached, {PLACE: 6}, 2)
        assert ([each.value for each in found], reached) == ([b"3"], {PLACE: 6})
        assert await reader.read_page(reached, {PLACE: 6}, 2) == ([], {PLACE: 6})


@pytest.mark.parametrize("ending", [[], [GAP], [GAP, GAP]])
async def test_a_follower_has_caught_up_over_gaps(
    cluster: Cluster, ending: list[bytes | None]
) -> None:
    cluster.log.extend([b"0", *ending])
    found, batch = await followed(GappyReader(cluster), Start.BEGINNING, 2)
    assert found == [b"0"]
    assert (batch.caught_up, batch.positions) == (True, {PLACE: 1 + len(ending)})


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (Start.BEGINNING, [b"0", b"1", b"2"]),
        (NOON + timedelta(minutes=1), [b"1", b"2"]),
        ({PLACE: 2}, [b"2"]),
    ],
)
async def test_following_begins_where_it_is_told(
    cluster: Cluster, start: Any, expected: list[bytes]
) -> None:
    cluster.log.extend([b"0", b"1", b"2"])
    assert (await followed(GappyReader(cluster), start, 2))[0] == expected


@pytest.mark.parametrize("start", [Start.END, NOON + timedelta(days=1)])
async def test_following_from_the_end_or_a_later_moment_has_caught_up_at_once(
    cluster: Cluster, start: Any
) -> None:
    cluster.log.extend([b"0", b"1"])
    found, batch = await followed(GappyReader(cluster), start, 1)
    assert (found, batch.caught_up, batch.positions) == ([], True, {PLACE: 2})


async def test_after_the_broker_was_away_no_record_is_delivered_twice_and_none_is_lost(
    cluster: Cluster,
) -> None:
    found: list[bytes | None] = []
    async with (
        asyncio.timeout(5),
        aclosing(GappyReader(cluster).follow([ONE], Start.BEGINNING)) as following,
    ):
        for number in range(20):
            cluster.log.append(b"%d" % number)
            cluster.failures = number % 3
            while len(found) <= number:
                found += [each.value for each in (await anext(following)).records]
    assert found == [b"%d" % number for number in range(20)]
    assert cluster.opened == 0


async def test_a_follower_from_the_beginning_starts_over_when_its_topic_was_re_created(
    cluster: Cluster,
) -> None:
    cluster.log.extend([b"0", b"1", b"2"])
    async with (
        asyncio.timeout(5),
        aclosing(GappyReader(cluster).follow([ONE], Start.BEGINNING)) as following,
    ):
        await anext(following)
        assert len((await anext(following)).records) == 3
        cluster.log[:] = [b"new"]
        cluster.failures = 1
        again = await anext(following)
        assert (again.records, again.restarted, again.caught_up) == ([], True, False)
        again = await anext(following)
        assert ([each.value for each in again.records], again.restarted) == ([b"new"], False)
        assert again.caught_up


async def test_any_other_follower_goes_on_at_the_end_of_a_topic_that_was_re_created(
    cluster: Cluster,
) -> None:
    cluster.log.extend([b"0", b"1", b"2"])
    async with (
        asyncio.timeout(5),
        aclosing(GappyReader(cluster).follow([ONE], Start.END)) as following,
    ):
        await anext(following)
        cluster.log[:] = [b"new"]
        cluster.failures = 1
        assert (await anext(following)).positions == {PLACE: 1}
        cluster.log.append(b"newer")
        assert [each.value for each in (await anext(following)).records] == [b"newer"]


async def test_reading_raises_transient_when_the_broker_goes_away(cluster: Cluster) -> None:
    cluster.log.append(b"0")
    cluster.failures = 1
    with pytest.raises(Transient, match="KafkaConnectionError"):
        await values(GappyReader(cluster))
    cluster.failures = 1
    with pytest.raises(Transient, match="KafkaConnectionError"):
        await GappyReader(cluster).read_page({PLACE: 0}, {PLACE: 1}, 1)
    assert cluster.opened == 0


async def test_every_consumer_reads_committed_records_only_and_commits_nothing() -> None:
    consumer = KafkaReader("nowhere:1")._new_consumer()
    assert consumer._isolation_level == "read_committed"
    assert not consumer._enable_auto_commit


async def test_only_a_follower_from_the_beginning_falls_back_to_the_oldest_record(
    cluster: Cluster,
) -> None:
    for start in (Start.BEGINNING, Start.END):
        await followed(GappyReader(cluster), start, 1)
    assert [each.get("auto_offset_reset") for each in cluster.options] == ["earliest", None]


def test_a_record_of_faust_has_seconds_and_a_mapping_of_headers() -> None:
    message = SimpleNamespace(
        topic=ONE.name,
        partition=0,
        offset=7,
        key=b"w-1",
        value=b"{}",
        timestamp=1_000.5,
        headers={},
    )
    incoming = module.incoming_of(ONE, message)
    assert (incoming.version, incoming.at) == (8, datetime.fromtimestamp(1_000.5, UTC))
