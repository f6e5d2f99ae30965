"""Retrying many dead letters reads every partition once, and keeps to the order of events."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

import pytest

from roost.errors import Conflict
from roost.events.dead_letter import DeadLetter, dead_letter_id
from roost.kafka.incoming import Incoming
from roost.kafka.ports import Partition, Position, TopicReader
from roost.topics import MATCH_ACTIONS, OPENINGS, Topic, topic_named
from streams.maintenance.dead_letters import record_again, shown_value
from streams.maintenance.lettered_records import PAGE, LetteredRecords, record_at
from tests.unit.api.builders import NOW


class CountingReader:
    """Partitions in memory; counts the records that are read."""

    def __init__(self, logs: Mapping[Partition, list[Incoming]]) -> None:
        self.logs = dict(logs)
        self.read: Counter[Partition] = Counter()
        self.reads = 0

    async def end_offsets(self, partitions: Collection[Partition]) -> dict[Partition, int]:
        return {each: self._end(each) for each in partitions}

    def _end(self, at: Partition) -> int:
        log = self.logs.get(at, [])
        return log[-1].offset + 1 if log else 0

    async def read_to_end(
        self,
        topic: Topic,
        *,
        partitions: Iterable[int] | None = None,
        last: int | None = None,
        start: Mapping[int, int] | None = None,
    ) -> AsyncIterator[list[Incoming]]:
        self.reads += 1
        for partition in range(topic.partitions) if partitions is None else partitions:
            at = Partition(topic.name, partition)
            found = [
                each for each in self.logs.get(at, []) if each.offset >= (start or {})[partition]
            ]
            for first in range(0, len(found), 50):
                batch = found[first : first + 50]
                self.read[at] += len(batch)
                yield batch

    async def read_page(
        self, start: Mapping[Partition, int], until: Mapping[Partition, int], most: int
    ) -> tuple[list[Incoming], dict[Partition, int]]:
        ((at, offset),) = start.items()
        if offset >= until[at]:
            return [], dict(start)
        found = [each for each in self.logs.get(at, []) if each.offset >= offset][:most]
        self.read[at] += len(found)
        return found, dict(start)


def port(reader: CountingReader) -> TopicReader:
    return reader  # type: ignore[return-value]


def log(topic: Topic, keys: Sequence[str], partition: int = 0) -> list[Incoming]:
    return [
        Incoming(topic, partition, offset, key.encode(), b"{}", NOW)
        for offset, key in enumerate(keys)
    ]


def letter(topic: Topic, partition: int, offset: int, stage: str = "index") -> DeadLetter:
    return DeadLetter(
        id=dead_letter_id(topic.name, partition, offset, stage),
        topic=topic.name,
        partition=partition,
        offset=offset,
        stage=stage,
        reason="invalid",
        detail="title: missing",
        size=2,
        at=NOW,
    )


async def found(records: LetteredRecords) -> list[Incoming]:
    return [
        each for topic in records.topics() async for page in records.pages(topic) for each in page
    ]


async def test_a_thousand_letters_of_a_partition_read_it_once_and_its_keys_once() -> None:
    topic, at = OPENINGS, Partition(OPENINGS.name, 0)
    reader = CountingReader({at: log(topic, [f"o-{number}" for number in range(5_000)])})
    letters = [letter(topic, 0, offset) for offset in range(0, 5_000, 5)]

    records = await found(LetteredRecords(port(reader), letters))

    assert [each.offset for each in records] == list(range(0, 5_000, 5))
    assert reader.read[at] <= 2 * 5_000
    assert reader.reads == 2


async def test_reading_begins_at_the_first_letter_and_ends_at_the_last() -> None:
    topic, at = MATCH_ACTIONS, Partition(MATCH_ACTIONS.name, 3)
    reader = CountingReader({at: log(topic, ["m"] * 5_000, partition=3)})

    await found(LetteredRecords(port(reader), [letter(topic, 3, 2_000), letter(topic, 3, 2_100)]))

    assert reader.read[at] <= 150


async def test_a_record_with_a_newer_event_of_its_key_is_superseded() -> None:
    topic, at = OPENINGS, Partition(OPENINGS.name, 0)
    reader = CountingReader({at: log(topic, ["o-a", "o-b", "o-a", "o-c"])})
    records = LetteredRecords(port(reader), [letter(topic, 0, each) for each in (0, 1, 2)])

    old, other, new = await found(records)

    assert records.superseded(old)
    assert not records.superseded(other)
    assert not records.superseded(new)


async def test_in_a_topic_that_keeps_all_events_none_is_superseded() -> None:
    topic, at = MATCH_ACTIONS, Partition(MATCH_ACTIONS.name, 0)
    reader = CountingReader({at: log(topic, ["m-a", "m-a"])})
    records = LetteredRecords(port(reader), [letter(topic, 0, 0)])

    (only,) = await found(records)

    assert not records.superseded(only)


async def test_an_event_that_arrives_during_the_retry_supersedes_what_is_still_to_be_sent() -> None:
    topic, at = OPENINGS, Partition(OPENINGS.name, 0)
    keys = [f"o-{number}" for number in range(3 * PAGE)]
    reader = CountingReader({at: log(topic, keys)})
    records = LetteredRecords(port(reader), [letter(topic, 0, each) for each in range(3 * PAGE)])
    pages = records.pages(topic)

    first = await anext(pages)
    reader.logs[at].append(Incoming(topic, 0, len(keys), keys[-1].encode(), b"{}", NOW))
    rest = [each async for page in pages for each in page]

    assert not any(records.superseded(each) for each in first)
    assert [each.offset for each in rest if records.superseded(each)] == [len(keys) - 1]


async def test_a_record_that_two_stages_lettered_is_sent_once() -> None:
    topic, at = OPENINGS, Partition(OPENINGS.name, 0)
    reader = CountingReader({at: log(topic, ["o-a"])})
    both = [letter(topic, 0, 0, "index"), letter(topic, 0, 0, "match")]
    records = LetteredRecords(port(reader), both)

    (only,) = await found(records)
    assert list(records.letters_of(only)) == both
    assert not records.superseded(only)
    records.note(only, Position(topic.name, 0, 1))

    assert records.superseded(only)


async def test_a_record_that_compaction_removed_is_not_found() -> None:
    topic, at = OPENINGS, Partition(OPENINGS.name, 0)
    kept = [each for each in log(topic, ["o-a", "o-b", "o-a"]) if each.offset != 0]
    reader = CountingReader({at: kept})

    assert await found(LetteredRecords(port(reader), [letter(topic, 0, 0)])) == []
    assert await record_at(port(reader), letter(topic, 0, 0)) is None


@pytest.mark.parametrize(("offset", "expected"), [(0, 0), (4_000, 4_000), (5_000, None)])
async def test_showing_one_letter_reads_one_record(offset: int, expected: int | None) -> None:
    at = Partition(OPENINGS.name, 2)
    reader = CountingReader({at: log(topic_named("openings"), ["o-a"] * 5_000, partition=2)})

    shown = await record_at(port(reader), letter(OPENINGS, 2, offset))

    assert (shown.offset if shown else None) == expected
    assert reader.read[at] <= 1


GONE = [
    letter(replace(OPENINGS, name="removed-topic"), 0, 0),
    letter(OPENINGS, OPENINGS.partitions, 0),
]


@pytest.mark.parametrize("gone", GONE, ids=["topic", "partition"])
async def test_a_letter_of_a_topic_that_no_longer_exists_stops_no_other(gone: DeadLetter) -> None:
    at = Partition(OPENINGS.name, 0)
    reader = CountingReader({at: log(OPENINGS, ["o-a"])})
    known = letter(OPENINGS, 0, 0)

    (only,) = await found(LetteredRecords(port(reader), [gone, known]))

    assert only.offset == 0
    assert set(reader.read) == {at}
    assert await record_at(port(reader), gone) is None


def incoming(key: bytes | None, value: bytes | None = b"{}") -> Incoming:
    return Incoming(OPENINGS, 0, 0, key, value, NOW)


@pytest.mark.parametrize("key", [None, b"o-\xff", "o-岗".encode()])
def test_a_record_whose_key_is_no_id_is_not_published_under_another_key(key: bytes | None) -> None:
    with pytest.raises(Conflict) as refused:
        record_again(letter(OPENINGS, 0, 0), incoming(key))
    assert "key" in str(refused.value)


@pytest.mark.parametrize(("value", "kind"), [(b"{}", "opening"), (None, "opening.erased")])
def test_a_record_is_published_again_as_it_was(value: bytes | None, kind: str) -> None:
    made = record_again(letter(OPENINGS, 0, 0), incoming(b"o-a", value))
    assert (made.key, made.value, made.partition) == ("o-a", value, 0)
    assert dict(made.headers)["ce_type"].decode().endswith(kind)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "(empty)"),
        ('{"title": "焊工"}\n'.encode(), '{"title": "焊工"}\n'),
        (b"a\xffb", "a\\xffb"),
        (b"\x1b]0;owned\x07\x1b[2J", "\\x1b]0;owned\\x07\\x1b[2J"),
        ("\u202eab\u0085\u200b".encode(), "\\u202eab\\x85\\u200b"),
    ],
)
def test_a_record_is_shown_without_commands_to_the_terminal(value: bytes, shown: str) -> None:
    assert shown_value(value) == shown
