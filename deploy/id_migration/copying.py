"""The copies of a topic's records: appended behind the originals, each once, and verified.

A topic has a cut: for every partition the end offset when the migration began. Originals are before
it, copies behind it. A copy names its original in a header, so a migration that was interrupted
knows which copies it has made, and a record behind the cut without that header shows that some
other process is still writing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass

from deploy.id_migration.rewriting import Positions, Rewriter, origin_of
from roost.kafka.incoming import Incoming
from roost.kafka.ports import Producer, TopicReader
from roost.topics import Topic

Cut = Mapping[int, int]
"""By partition, the offset before which the originals are."""
CHUNK = 500


@dataclass(slots=True)
class Copies:
    """Copies of one topic, and the number of records of other processes behind the cut.

    One bit for every original: a topic may hold many millions of records.
    """

    _made: dict[int, bytearray]
    moved: Positions
    """New positions of the originals that were asked for."""
    foreign: int = 0

    def add(self, partition: int, offset: int) -> None:
        self._made[partition][offset >> 3] |= 1 << (offset & 7)

    def __contains__(self, original: Incoming) -> bool:
        bits = self._made[original.partition]
        return bool(bits[original.offset >> 3] & 1 << (original.offset & 7))


async def existing_copies(
    reader: TopicReader, topic: Topic, cut: Cut, wanted: Collection[tuple[str, int, int]] = ()
) -> Copies:
    """Find the copies behind the cut, and the new positions of the `wanted`. Raises Transient."""
    found = Copies({each: bytearray((end >> 3) + 1) for each, end in cut.items()}, {})
    async for batch in reader.read_to_end(topic, start=cut):
        for each in batch:
            origin = origin_of(each)
            if origin is None:
                found.foreign += 1
                continue
            found.add(*origin)
            if (topic.name, *origin) in wanted:
                found.moved[topic.name, *origin] = (each.partition, each.offset)
    return found


async def originals(reader: TopicReader, topic: Topic, cut: Cut) -> AsyncIterator[Incoming]:
    """Yield the records before the cut that are copied, in order per partition. Raises Transient.

    Of a compacted topic that is the newest record of every key: older ones may hold erased data.
    Records without a readable key are not copied; nothing can be found by them.
    """
    newest = await _newest_offsets(reader, topic, cut) if topic.compacted else None
    async for batch in reader.read_to_end(topic):
        for each in batch:
            if each.offset >= cut[each.partition] or key_of(each) is None:
                continue
            if newest is None or newest[each.partition, each.key or b""] == each.offset:
                yield each


def key_of(record: Incoming) -> str | None:
    """Return the key of a record, or None if it is missing or not a text."""
    try:
        return None if record.key is None else record.key.decode()
    except UnicodeDecodeError:
        return None


async def _newest_offsets(
    reader: TopicReader, topic: Topic, cut: Cut
) -> dict[tuple[int, bytes], int]:
    newest: dict[tuple[int, bytes], int] = {}
    async for batch in reader.read_to_end(topic):
        for each in batch:
            if each.offset < cut[each.partition]:
                newest[each.partition, each.key or b""] = each.offset
    return newest


async def copy_topic(
    reader: TopicReader,
    producer: Producer,
    topic: Topic,
    cut: Cut,
    rewriter: Rewriter,
    moved: Positions,
) -> int:
    """Append the copies that are missing; return how many. Raises Transient."""
    made = await existing_copies(reader, topic, cut)
    pending, appended = [], 0
    async for each in originals(reader, topic, cut):
        key = key_of(each)
        if key is not None and each not in made:
            pending.append(rewriter.copy_of(each, key, moved))
        if len(pending) >= CHUNK:
            appended += len(await producer.publish(pending))
            pending = []
    if pending:
        appended += len(await producer.publish(pending))
    return appended
