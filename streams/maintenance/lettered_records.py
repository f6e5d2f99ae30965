"""The records that dead letters point to, read once per partition and found by their position.

The index holds positions and keys, not values, so its size depends on the number of letters alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence

from roost.events.dead_letter import DeadLetter
from roost.kafka.incoming import Incoming
from roost.kafka.ports import Partition, Position, TopicReader
from roost.topics import TOPICS, Topic, topic_named

PAGE = 100
"""Most records that are handled after one look for newer events."""


async def record_at(reader: TopicReader, letter: DeadLetter) -> Incoming | None:
    """Read the one record that a letter points to; None if it is no longer kept."""
    if not _may_exist(letter):
        return None
    at = Partition(letter.topic, letter.partition)
    ends = await reader.end_offsets([at])
    until = {at: min(ends[at], letter.offset + 1)}
    found, _ = await reader.read_page({at: letter.offset}, until, 1)
    return next((each for each in found if each.offset == letter.offset), None)


def _may_exist(letter: DeadLetter) -> bool:
    """Return whether this release has the topic and the partition of a letter."""
    topic = next((each for each in TOPICS if each.name == letter.topic), None)
    return topic is not None and letter.partition < topic.partitions


class LetteredRecords:
    """Index of the records of some dead letters, for one retry of all of them."""

    def __init__(self, reader: TopicReader, letters: Iterable[DeadLetter]) -> None:
        self._reader = reader
        self._letters: dict[str, dict[tuple[int, int], list[DeadLetter]]] = defaultdict(dict)
        for each in filter(_may_exist, letters):
            place = (each.partition, each.offset)
            self._letters[each.topic].setdefault(place, []).append(each)
        self._newest: dict[tuple[str, int, bytes | None], int] = {}
        self._reached: dict[str, dict[int, int]] = {
            topic: self._first(topic) for topic in self._letters
        }

    def topics(self) -> Sequence[Topic]:
        """Return the topics that letters point into; one of another release is none."""
        return [topic_named(name) for name in self._letters]

    def letters_of(self, record: Incoming) -> Sequence[DeadLetter]:
        """Return the letters that point to a record."""
        return self._letters[record.topic.name].get((record.partition, record.offset), ())

    async def pages(self, topic: Topic) -> AsyncIterator[Sequence[Incoming]]:
        """Yield the records of a topic's letters in order, each page checked for newer events.

        Letters that remain point to records that their topic no longer keeps. Raises Transient.
        """
        await self._look_for_newer(topic)
        pending = set(self._letters[topic.name])
        page: list[Incoming] = []
        start = self._first(topic.name)
        async for batch in self._reader.read_to_end(topic, partitions=list(start), start=start):
            for each in batch:
                if (each.partition, each.offset) in pending:
                    pending.discard((each.partition, each.offset))
                    page.append(each)
            if len(page) >= PAGE or not pending:
                await self._look_for_newer(topic)
                yield page
                page = []
            if not pending:
                return
        if page:
            await self._look_for_newer(topic)
            yield page

    def superseded(self, record: Incoming) -> bool:
        """Return whether a compacted topic has a newer event of the record's key."""
        newest = self._newest.get((record.topic.name, record.partition, record.key))
        return record.topic.compacted and newest is not None and newest > record.offset

    def note(self, record: Incoming, position: Position) -> None:
        """Remember that a record was published again."""
        self._newest[record.topic.name, record.partition, record.key] = position.offset

    def _first(self, topic: str) -> dict[int, int]:
        """Return the first offset of interest in every partition of interest."""
        first: dict[int, int] = {}
        for partition, offset in self._letters[topic]:
            first[partition] = min(offset, first.get(partition, offset))
        return first

    async def _look_for_newer(self, topic: Topic) -> None:
        """Read on to the present end; remember the newest offset of every lettered key."""
        reached = self._reached[topic.name]
        if not topic.compacted:
            return
        places = [Partition(topic.name, each) for each in reached]
        ends = await self._reader.end_offsets(places)
        if all(ends[each] <= reached[each.partition] for each in places):
            return
        lettered = self._letters[topic.name]
        async for batch in self._reader.read_to_end(
            topic, partitions=list(reached), start=dict(reached)
        ):
            for found in batch:
                key = (topic.name, found.partition, found.key)
                if key in self._newest or (found.partition, found.offset) in lettered:
                    self._newest[key] = found.offset
        for each in places:
            reached[each.partition] = max(reached[each.partition], ends[each])
