"""Runner of imports: one at a time, in a thread.

Kafka acknowledges each batch before the next one is read.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from pathlib import Path

import structlog

from api.imports.draft_files import drafts_folder, removed_while_read, sweep_drafts
from api.imports.draft_samples import DraftSamples
from api.imports.exclusive_writes import ExclusiveWrites
from api.imports.import_work import SOURCE, Work, counted, fitting, row_error, too_many_rows
from api.imports.jobs import INTERRUPTED, INTERRUPTED_ZH, MOST_ERRORS, Jobs
from api.imports.pending import PendingImports
from api.imports.turn_waiting import held_turn
from api.imports.upload import sweep, touch
from api.ports.following import TopicFollower
from api.ports.latest_writes import LatestWrites
from producers.importing.import_turn import ImportTurn, NotingPublisher
from producers.importing.importer import Importer
from producers.importing.verdicts import RowOutcome, Summary
from producers.mappings.direct_mapping import direct_mapping
from producers.rejected_rows import prune_rejected_rows
from roost.errors import Invalid, RoostError, Transient
from roost.events.envelope import decode, record
from roost.events.import_job import ImportJob, ImportReport, ImportState
from roost.kafka.incoming import Incoming
from roost.kafka.ports import BlockingProducer, Producer, TopicReader
from roost.time.clock import Clock
from roost.topics import IMPORTS
from roost.views.elastic import Elastic

_log = structlog.get_logger(__name__)
KEPT = timedelta(days=7)
MOST_ROWS = 500_000
"""Most rows of an import: the next ones wait for its end, and short rows make a small file."""
HEARTBEAT_S = 20.0
"""Interval of the reports of pending jobs; three of them fit into the silence that means an end."""
STOP_WITHIN_S = 3.0
"""Longest wait at a stop for the running import to end its batch."""
REPORT_WITHIN_S = 1.5
"""Longest wait at a stop for Kafka to take the last reports."""

FAULT = "Internal error; the details are in the log."
FAULT_ZH = "系统内部错误，已记录。"


class Stopped(Exception):
    """Raised in an import's thread when the process is stopping."""


@dataclass(frozen=True, slots=True)
class RejectedRows:
    """Folder of the rejected rows of `roost import`, and the time for which they are kept."""

    folder: Path
    keep: timedelta


class Imports:
    """Queue of imports, the thread that runs them, and the known jobs of every API process."""

    def __init__(
        self,
        reader: TopicReader,
        publisher: Producer,
        blocking_publisher: BlockingProducer,
        elastic: Elastic,
        clock: Clock,
        zone: tzinfo,
        folder: Path,
        latest: LatestWrites,
        pending: PendingImports,
        rejected: RejectedRows,
    ) -> None:
        self.jobs = Jobs()
        self.folder = folder
        """Folder of pending uploads."""
        self.samples = DraftSamples()
        """Samples of the drafts' files."""
        self.workbooks = asyncio.Semaphore(1)
        """Turn to make a workbook of rejected rows, which takes memory and time."""
        self.pending = pending
        self._publisher = publisher
        self._blocking_publisher = blocking_publisher
        self._elastic = elastic
        self._clock = clock
        self._zone = zone
        self._latest = latest
        self._rejected = rejected
        self._turn = ImportTurn(folder, clock)
        self._works: deque[Work] = deque()
        """Pending imports, the running one first."""
        self._arrived = asyncio.Event()
        self._stopping = threading.Event()
        self._following = TopicFollower(reader, [IMPORTS], self._take, clock.now() - KEPT)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Follow the reports of all processes, run imports, and remove what has expired."""
        self._following.start()
        self._tasks = [
            asyncio.create_task(self._run(), name="imports"),
            asyncio.create_task(self._beat(), name="imports-heartbeat"),
        ]

    async def close(self) -> None:
        """Stop the running import after its batch; report every pending one as interrupted.

        Takes a few seconds at most, also while Kafka is away: other buffers are flushed after it.
        """
        self._stopping.set()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        while self._works:
            self._works[0].end(ImportState.INTERRUPTED, INTERRUPTED, INTERRUPTED_ZH)
            await self._finish(self._works[0])
        await self._following.close()

    async def caught_up(self) -> None:
        """Return once earlier reports are loaded. Raises Transient."""
        await self._following.caught_up()

    async def begin(self, work: Work) -> ImportJob:
        """Queue an import whose place is reserved. Raises Transient if Kafka is unavailable."""
        if self._stopping.is_set():
            raise Transient("The service is stopping; try again.", "服务正在停止，请稍后重试。")
        await self._report(work)
        self._works.append(work)
        self._arrived.set()
        return work.job

    async def _run(self) -> None:
        while not self._stopping.is_set():
            if not self._works:
                self._arrived.clear()
                await self._arrived.wait()
                continue
            await self._import(self._works[0])
            await self._finish(self._works[0])

    async def _beat(self) -> None:
        """Report pending jobs, so that none looks interrupted; remove expired files."""
        while True:
            await asyncio.to_thread(self._remove_expired)
            self.samples.drop_removed()
            await asyncio.sleep(HEARTBEAT_S)
            for work in list(self._works):
                await asyncio.to_thread(touch, work.upload.path)
                now = self._clock.now()
                alive = ImportReport(job=work.job.model_copy(update={"updated_at": now}))
                try:
                    await self._publish(alive)
                except RoostError as error:  # the next beat reports it again
                    _log.warning("import_heartbeat_failed", error=type(error).__name__)

    def _remove_expired(self) -> None:
        sweep(self.folder)
        sweep_drafts(drafts_folder(self.folder), self._clock.now())
        prune_rejected_rows(self._rejected.folder, self._clock.now(), self._rejected.keep)

    async def _import(self, work: Work) -> None:
        """Keep the decisions, import the file in a thread, and set the job's final state."""
        thread: asyncio.Future[None] | None = None
        try:
            async with self._turn_of(work):
                await work.keep_decisions()
                thread = self._start_thread(work)
                await asyncio.shield(thread)
            work.end(ImportState.DONE)
        except asyncio.CancelledError:
            if thread is not None:
                await asyncio.wait([thread], timeout=STOP_WITHIN_S)
            if thread is not None and thread.done() and thread.exception() is None:
                work.end(ImportState.DONE)
            else:
                work.end(ImportState.INTERRUPTED, INTERRUPTED, INTERRUPTED_ZH)
        except Stopped:
            work.end(ImportState.INTERRUPTED, INTERRUPTED, INTERRUPTED_ZH)
        except RoostError as error:
            name = work.upload.path.name  # of a temporary file, which the sender does not know
            work.end(
                ImportState.FAILED,
                error.message.removeprefix(f"{name}: "),
                error.message_zh.removeprefix(f"{name}："),
            )
        except Exception as error:  # noqa: BLE001  the next import must still run
            _log.error("import_failed", job=work.job.id, error=type(error).__name__)
            work.end(ImportState.FAILED, FAULT, FAULT_ZH)

    def _turn_of(self, work: Work) -> AbstractAsyncContextManager[None]:
        """Return the turn among all processes that share the data folder; a dry run needs none."""
        return nullcontext() if work.job.dry_run else held_turn(self._turn, self._elastic)

    async def _finish(self, work: Work) -> None:
        """Report the end of an import; release its place and its file whatever happens."""
        limit_s = REPORT_WITHIN_S if self._stopping.is_set() else None
        try:
            async with asyncio.timeout(limit_s):
                await self._report(work)
        except (RoostError, TimeoutError) as error:  # shown as interrupted after a minute
            _log.error("import_end_not_reported", job=work.job.id, error=type(error).__name__)
        finally:
            self._works.remove(work)
            self.pending.release(work.job.counted_as)
            if not work.keeps_upload:
                work.upload.path.unlink(missing_ok=True)

    def _start_thread(self, work: Work) -> asyncio.Future[None]:
        """Import in a daemon thread, so that one that waits for Kafka never delays an exit."""
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[None] = loop.create_future()

        def settle(error: Exception | None) -> None:
            if ended.done():
                return
            if error is None:
                ended.set_result(None)
            else:
                ended.set_exception(error)

        def run() -> None:
            outcome: Exception | None = None
            try:
                self._read(work, loop)
            except Exception as error:  # noqa: BLE001  the event loop raises it
                outcome = error
            with suppress(RuntimeError):  # the loop has closed meanwhile
                loop.call_soon_threadsafe(settle, outcome)

        threading.Thread(target=run, name="import", daemon=True).start()
        return ended

    def _read(self, work: Work, loop: asyncio.AbstractEventLoop) -> None:
        """Import the file in this thread; run every coroutine on the event loop."""
        publisher = NotingPublisher(self._blocking_publisher, self._turn)
        writes = ExclusiveWrites(loop, self._elastic, self._latest, publisher, self._stopping)

        taken = 0

        def report(outcome: RowOutcome) -> None:
            nonlocal taken
            taken += 1
            if taken > MOST_ROWS:
                raise too_many_rows(MOST_ROWS)
            work.log.take(outcome)
            is_kept = work.reported + len(work.unreported) < MOST_ERRORS
            if outcome.is_left_out and is_kept:
                work.unreported.append(row_error(outcome))

        def progress(summary: Summary) -> None:
            work.log.flush(summary)
            if self._stopping.is_set():
                raise Stopped
            work.job = counted(work.job, summary)
            writes.await_on_loop(self._report(work))

        try:
            if work.undo is not None:
                work.undo(writes, progress)
            else:
                summary = self._importer(work, writes).run(
                    work.upload.path, report, encoding=work.job.encoding, progress=progress
                )
                work.log.finish(summary)
        except RoostError as error:
            work.log.refuse(error)
            raise
        except FileNotFoundError as error:
            if refusal := removed_while_read(work.upload.path):
                raise refusal from error
            raise
        finally:
            work.log.close()

    def _importer(self, work: Work, writes: ExclusiveWrites) -> Importer:
        """Return the importer of a job; that of a dry run publishes nothing."""
        return Importer(
            work.kind,
            work.mapping or direct_mapping(work.kind.content, SOURCE),
            self._clock,
            self._zone,
            None if work.job.dry_run else writes,
            writes.hold_stored,
            work.authorise,
            work.complete,
            work.find_suppressed,
            places=work.places,
            find_people=work.find_people,
            find_employers=work.find_employers,
            find_ends=work.find_ends,
            decisions=work.decisions,
            remembered=work.remembered(),
            ask_order=work.ask_order,
        )

    async def _report(self, work: Work) -> None:
        """Publish the job's progress and the newly rejected rows, as many as a record holds."""
        while True:
            most = fitting(work.unreported)
            errors, work.unreported = work.unreported[:most], work.unreported[most:]
            work.reported += len(errors)
            work.job = work.job.model_copy(update={"updated_at": self._clock.now()})
            await self._publish(ImportReport(job=work.job, errors=tuple(errors)))
            if not work.unreported:
                return

    async def _publish(self, report: ImportReport) -> None:
        """Publish a report; this process shows it once Kafka has it. Raises Transient."""
        job = report.job
        await self._publisher.publish([record(report, job.id, source="/api", at=job.updated_at)])
        self.jobs.take(report)

    def _take(self, incoming: Incoming) -> None:
        try:
            report = decode(ImportReport, incoming.value or b"null")
        except Invalid:
            _log.error("import_unreadable", offset=incoming.offset)
            return
        self.jobs.take(report)
