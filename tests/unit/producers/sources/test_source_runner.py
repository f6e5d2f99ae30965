"""The runner reads what is due, ends what was killed, and forgets what was removed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from producers import source_facts
from producers.sources.known_sources import TOPICS, KnownSources
from producers.sources.source_runner import SourceRunner
from producers.sources.source_runs import begun
from roost.events.envelope import Record
from roost.events.source import RunFault, Source, SourceState
from roost.kafka.incoming import Incoming
from roost.kafka.ports import FollowedBatch, FollowFrom, Partition, Position
from roost.topics import SOURCE_ENTRIES, SOURCE_RUNS, SOURCES, Topic
from tests.unit.producers.sources.partner import NOW, County, InMemoryRecord, advertisement

MINUTE = timedelta(minutes=1)


@dataclass
class Log(InMemoryRecord):
    """The record with its log, which a follower reads."""

    logs: dict[str, list[Incoming]] = field(
        default_factory=lambda: {topic.name: [] for topic in TOPICS}
    )
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    published: asyncio.Event = field(default_factory=asyncio.Event)
    loop: asyncio.AbstractEventLoop | None = None

    def publish(self, records: Sequence[Record]) -> list[Position]:
        positions = super().publish(records)
        for each in records:
            if each.topic.name in self.logs:
                log = self.logs[each.topic.name]
                log.append(Incoming(each.topic, 0, len(log), each.key.encode(), each.value, NOW))
        if self.loop is not None:
            self.loop.call_soon_threadsafe(self.arrived.set)
            self.loop.call_soon_threadsafe(self.published.set)
        return positions

    async def end_offsets(self, partitions: Collection[Partition]) -> dict[Partition, int]:
        return {each: len(self.logs[each.topic]) for each in partitions}

    async def follow(
        self, topics: Sequence[Topic], start: FollowFrom, *, linger_s: float = 0.0
    ) -> AsyncIterator[FollowedBatch]:
        self.loop = asyncio.get_running_loop()
        done = dict.fromkeys(self.logs, 0)
        while True:
            records = [each for name, log in self.logs.items() for each in log[done[name] :]]
            done = {name: len(log) for name, log in self.logs.items()}
            positions = {Partition(name, 0): at for name, at in done.items()}
            yield FollowedBatch(records, positions, True)
            await self.arrived.wait()
            self.arrived.clear()


@asynccontextmanager
async def runner(county: County) -> AsyncIterator[None]:
    working = asyncio.create_task(SourceRunner(county.record, county.ports()).run())  # type: ignore[arg-type]
    try:
        yield
    finally:
        working.cancel()
        await asyncio.wait({working})


async def until(county: County, condition: Callable[[], bool]) -> None:
    """Wait until a condition holds, which is looked at after every publication."""
    assert isinstance(county.record, Log)
    async with asyncio.timeout(10):
        while not condition():
            await county.record.published.wait()
            county.record.published.clear()


def put(county: County, source: Source) -> None:
    _, record = source_facts.source_put(source, source, at=source.changed_at, may_be_private=True)
    county.record.publish([record])


async def test_a_source_is_read_as_soon_as_it_is_added_and_when_somebody_asks(
    tmp_path: Path,
) -> None:
    county = County(tmp_path, Log())
    county.drop([advertisement(number) for number in range(3)])
    county.clock.moment += MINUTE
    async with runner(county):
        put(county, county.define())
        await until(county, lambda: county.state is not None and county.state.last is not None)
        assert county.state is not None
        assert (county.state.listed, len(county.record.openings())) == (3, 3)
        county.clock.moment += MINUTE
        assert county.source is not None
        _, record = source_facts.source_run_requested(county.source, at=county.clock.now())
        county.record.publish([record])
        await until(county, lambda: county.state is not None and len(county.state.runs) == 2)


async def test_a_run_that_a_former_process_did_not_end_has_failed(tmp_path: Path) -> None:
    county = County(tmp_path, Log())
    source = county.define()
    put(county, source)
    running = begun(source, None, county.clock.now())
    county.record.publish([source_facts.state_record(running, at=county.clock.now())])
    async with runner(county):
        await until(county, lambda: county.state is not None and county.state.running_since is None)
        assert county.state is not None
        assert county.state.last is not None
        assert county.state.last.fault is RunFault.SERVICE


async def test_what_is_known_of_a_removed_source_is_forgotten_and_its_openings_stay(
    tmp_path: Path,
) -> None:
    county = County(tmp_path, Log())
    county.drop([advertisement(1)])
    source = county.define()
    put(county, source)
    county.run()
    county.record.publish([source_facts.source_removed(source.id, at=county.clock.now())])
    async with runner(county):
        await until(county, lambda: not county.entries and county.state is None)
    assert list(county.record.openings()) == ["J-1"]


def test_an_unreadable_record_is_left_out(tmp_path: Path) -> None:
    known = KnownSources()
    source = County(tmp_path).define()
    known.take(Incoming(SOURCES, 0, 0, b"f-x", b"not json", NOW))
    known.take(Incoming(SOURCES, 0, 1, source.id.encode(), source.to_json(), NOW))
    assert list(known.sources) == [source.id]
    state = SourceState(source_id=source.id, definition="", due_at=NOW)
    known.take(Incoming(SOURCE_RUNS, 0, 0, source.id.encode(), state.to_json(), NOW))
    assert known.named("Partner") == known.named(source.id) == source
    known.take(Incoming(SOURCES, 0, 2, source.id.encode(), None, NOW))
    assert known.removed() == {source.id}
    known.take(Incoming(SOURCE_RUNS, 0, 1, source.id.encode(), None, NOW))
    key = f"{source.id}.o-{'a' * 26}".encode()
    known.take(Incoming(SOURCE_ENTRIES, 0, 0, key, None, NOW))
    assert known.removed() == set()
