"""The runner of sources: follows their topics, and reads one due source after another.

One process runs for a county. Two do the same work twice, to the same effect: the rows of a source
are edits, and closing is done once.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

import structlog

from producers import source_facts
from producers.sources.known_sources import TOPICS, KnownSources
from producers.sources.source_runs import RunPorts, killed, run_source
from roost.errors import Transient
from roost.events.envelope import Record, tombstone
from roost.events.source import Source, SourceState
from roost.kafka.ports import Partition, Start, TopicReader, partitions_of
from roost.topics import SOURCE_RUNS

_log = structlog.get_logger(__name__)
LONGEST_PAUSE_S = 60.0
"""Longest wait before the due times are looked at again."""
AWAY_S = 5.0
"""Pause after Kafka or Elasticsearch was away."""


class SourceRunner:
    """Runner of the sources of one county."""

    def __init__(self, reader: TopicReader, ports: RunPorts) -> None:
        self._reader = reader
        self._ports = ports
        self._known = KnownSources()
        self._positions: Mapping[Partition, int] = {}
        self._changed = asyncio.Condition()
        self._caught_up = False

    async def run(self) -> None:
        """Read due sources until cancelled."""
        following = asyncio.create_task(self._follow(), name="following-sources")
        working = asyncio.create_task(self._work(), name="sources")
        try:
            done, _ = await asyncio.wait({following, working}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (following, working):
                task.cancel()
            await asyncio.wait({following, working})

    async def _follow(self) -> None:
        async for batch in self._reader.follow(TOPICS, Start.BEGINNING):
            async with self._changed:
                if batch.restarted:
                    self._known.clear()
                for incoming in batch.records:
                    self._known.take(incoming)
                self._positions, self._caught_up = batch.positions, batch.caught_up
                self._changed.notify_all()

    async def _work(self) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self._caught_up)
        await self._retried(self._end_killed)
        while True:
            await self._retried(self._forget_removed)
            due = self._known.due(self._now())
            if due:
                await self._retried(partial(self._read, due[0]))
            else:
                await self._pause()

    async def _pause(self) -> None:
        """Wait until a source is due, or a record arrives."""
        due, now = self._known.next_due(), self._now()
        left = LONGEST_PAUSE_S if due is None else (due - now).total_seconds()
        with suppress(TimeoutError):
            async with asyncio.timeout(min(max(left, 0.0), LONGEST_PAUSE_S)), self._changed:
                await self._changed.wait()

    async def _read(self, source: Source) -> None:
        """Read a source in a thread, and wait until its records have been read back."""
        state, entries = self._known.states.get(source.id), self._known.entries.get(source.id, {})
        elsewhere = self._known.listed_elsewhere(source.id)
        saved = self._known.saved_mapping(source)
        step = partial(run_source, source, state, entries, self._ports, elsewhere, saved)
        ended = await in_thread(step)
        assert ended.last is not None
        _log.info(
            "source_read",
            source=source.id,
            outcome=ended.last.outcome,
            fault=ended.last.fault,
            read=ended.last.read,
            published=ended.last.published,
            rejected=ended.last.rejected,
            closed=ended.last.closed,
            held=ended.held,
        )
        await self._read_back()

    async def _end_killed(self) -> None:
        """Record the failure of runs that a former process did not end."""
        for source in self._known.running():
            state = self._known.states[source.id]
            await in_thread(partial(killed, source, state, self._now(), self._ports))
        await self._read_back()

    async def _forget_removed(self) -> None:
        """Erase the states and entries of removed sources."""
        removed = self._known.removed()
        if not removed:
            return
        now = self._now()
        records: list[Record] = []
        for id in sorted(removed):
            entries = self._known.entries.get(id, {}).values()
            records += [source_facts.entry_removed(each, at=now) for each in entries]
            records.append(tombstone(SOURCE_RUNS, id, source=source_facts.RUNNER, at=now))
        await in_thread(lambda: self._ports.imports.publisher.publish(records))
        await self._read_back()

    async def _read_back(self) -> None:
        """Wait until every record that was published so far has been applied."""
        ends = await self._reader.end_offsets(partitions_of(TOPICS))
        async with self._changed:
            await self._changed.wait_for(
                lambda: all(self._positions.get(each, 0) >= end for each, end in ends.items())
            )

    async def _retried(self, step: Callable[[], Any]) -> None:
        """Do a step; if a server is away, do it again after a pause."""
        while True:
            try:
                await step()
                return
            except Transient as error:
                _log.warning("source_step_retried", error=error.message)
                await asyncio.sleep(AWAY_S)

    def _now(self) -> datetime:
        return self._ports.imports.clock.now()


async def in_thread(step: Callable[[], SourceState | Any]) -> Any:
    """Run a blocking step in a daemon thread, which never delays the end of the process."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[Any] = loop.create_future()

    def settle(result: Any, error: BaseException | None) -> None:
        if ended.done():
            return
        if error is None:
            ended.set_result(result)
        else:
            ended.set_exception(error)

    def work() -> None:
        result, failure = None, None
        try:
            result = step()
        except Exception as error:  # noqa: BLE001  the event loop raises it
            failure = error
        with suppress(RuntimeError):  # the loop has closed meanwhile
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=work, name="source", daemon=True).start()
    return await ended
