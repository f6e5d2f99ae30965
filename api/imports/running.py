"""Runner of imports: one at a time, in a thread.

Kafka acknowledges each batch before the next one is read.
"""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from pathlib import Path

import structlog

from api.imports.exclusive_writes import ExclusiveWrites
from api.imports.jobs import INTERRUPTED, INTERRUPTED_ZH, MOST_ERRORS, Jobs
from api.imports.upload import Upload, sweep
from api.ports.following import TopicFollower
from api.ports.latest_writes import LatestWrites
from producers import rosters
from producers.importing import (
    KINDS,
    Authorise,
    Importer,
    Summary,
    lists_of,
    reasons_of,
)
from producers.reading import ImportRow
from roost.errors import Invalid, RoostError, Transient
from roost.events.envelope import decode, record
from roost.events.import_job import FieldProblem, ImportJob, ImportReport, ImportState, RowError
from roost.kafka.incoming import Incoming
from roost.kafka.ports import BlockingProducer, Producer, TopicReader
from roost.time.clock import Clock
from roost.topics import IMPORTS
from roost.views.elastic import Elastic

_log = structlog.get_logger(__name__)
KEPT = timedelta(days=7)
MOST_WAITING = 10
OPENINGS = KINDS["openings"]
SOURCE = "api"
"""Source of openings posted with POST /v1/openings: the same reference is the same opening."""

FAULT = "Internal error; the details are in the log."
FAULT_ZH = "系统内部错误，已记录。"


class Stopped(Exception):
    """Raised in an import's thread when the process is stopping."""


@dataclass(slots=True)
class Work:
    """One import: its job, its file, and the check of each row against the stored fact."""

    job: ImportJob
    upload: Upload
    authorise: Authorise
    reported: int = 0
    """Number of rejected rows that are published."""
    unreported: list[RowError] = field(default_factory=list)
    """Rejected rows to publish with the next report."""

    def end(self, state: ImportState, why: str = "", why_zh: str = "") -> None:
        """Set the job's final state and the reason in both languages."""
        self.job = self.job.model_copy(update={"state": state, "why": why, "why_zh": why_zh})


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
    ) -> None:
        self.jobs = Jobs()
        self.folder = folder
        """Folder of pending uploads."""
        self._publisher = publisher
        self._blocking_publisher = blocking_publisher
        self._elastic = elastic
        self._clock = clock
        self._zone = zone
        self._latest = latest
        self._waiting: asyncio.Queue[Work] = asyncio.Queue(MOST_WAITING)
        self._stopping = threading.Event()
        self._following = TopicFollower(reader, [IMPORTS], self._take, clock.now() - KEPT)
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Remove stale uploads, follow the reports of all processes, and run imports."""
        sweep(self.folder)
        self._following.start()
        self._running = asyncio.create_task(self._run(), name="imports")

    async def close(self) -> None:
        """Stop the running import after its batch and report it as interrupted."""
        self._stopping.set()
        await self._following.close()
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])

    async def caught_up(self) -> None:
        """Return once earlier reports are loaded. Raises Transient."""
        await self._following.caught_up()

    async def begin(self, work: Work) -> ImportJob:
        """Queue an import. Raises Transient if too many are pending or Kafka is unavailable."""
        if self._waiting.full():
            raise Transient(
                "Too many imports are waiting; send it again in a few minutes.",
                "等待处理的导入过多，请几分钟后重试。",
            )
        await self._report(work)
        self._waiting.put_nowait(work)
        return work.job

    async def _run(self) -> None:
        while True:
            work = await self._waiting.get()
            try:
                await self._import(work)
            finally:
                work.upload.path.unlink(missing_ok=True)

    async def _import(self, work: Work) -> None:
        loop = asyncio.get_running_loop()
        thread = loop.run_in_executor(None, self._read, work, loop)
        try:
            await asyncio.shield(thread)
            work.end(ImportState.DONE)
        except (Stopped, asyncio.CancelledError):
            self._stopping.set()
            await asyncio.wait([thread])
            work.end(ImportState.INTERRUPTED, INTERRUPTED, INTERRUPTED_ZH)
        except RoostError as error:
            work.end(ImportState.FAILED, error.message, error.message_zh)
        except Exception as error:  # noqa: BLE001  the next import must still run
            _log.error("import_failed", job=work.job.id, error=type(error).__name__)
            work.end(ImportState.FAILED, FAULT, FAULT_ZH)
        try:
            await self._report(work)
        except Transient as error:  # shown as interrupted after a minute without a report
            _log.error("import_end_not_reported", job=work.job.id, error=type(error).__name__)

    def _read(self, work: Work, loop: asyncio.AbstractEventLoop) -> None:
        """Import the file in this thread; run every coroutine on the event loop."""
        writes = ExclusiveWrites(
            loop, self._elastic, self._latest, self._blocking_publisher, self._stopping
        )

        def refuse(row: ImportRow, error: RoostError) -> None:
            if work.reported + len(work.unreported) < MOST_ERRORS:
                work.unreported.append(row_error(row, error))

        def progress(summary: Summary) -> None:
            if self._stopping.is_set():
                raise Stopped
            work.job = counted(work.job, summary)
            writes.await_on_loop(self._report(work))

        job = work.job
        mapping: rosters.Mapping | rosters.Direct = rosters.Direct(SOURCE, lists=lists_of(OPENINGS))
        if job.mapping is not None:
            mapping = rosters.load_mapping(job.mapping)
        publisher = None if job.dry_run else writes
        importer = Importer(
            OPENINGS,
            mapping,
            self._clock,
            self._zone,
            publisher,
            writes.hold_stored,
            work.authorise,
        )
        importer.run(work.upload.path, refuse, progress=progress)

    async def _report(self, work: Work) -> None:
        """Publish the job's progress and the newly rejected rows, at most 1,000 in a record."""
        while True:
            errors, work.unreported = work.unreported[:1_000], work.unreported[1_000:]
            work.reported += len(errors)
            work.job = work.job.model_copy(update={"updated_at": self._clock.now()})
            report = ImportReport(job=work.job, errors=tuple(errors))
            self.jobs.take(report)
            await self._publisher.publish(
                [record(report, work.job.id, source="/api", at=work.job.updated_at)]
            )
            if not work.unreported:
                return

    def _take(self, incoming: Incoming) -> None:
        try:
            report = decode(ImportReport, incoming.value or b"null")
        except Invalid:
            _log.error("import_unreadable", offset=incoming.offset)
            return
        self.jobs.take(report)


def counted(job: ImportJob, summary: Summary) -> ImportJob:
    """Return the running job with the counts of a summary."""
    return job.model_copy(
        update={
            "state": ImportState.RUNNING,
            "rows": max(job.rows, summary.read),
            "read": summary.read,
            "published": summary.published,
            "unchanged": summary.unchanged,
            "repeated": summary.repeated,
            "rejected": summary.rejected,
        }
    )


def row_error(row: ImportRow, error: RoostError) -> RowError:
    """Return a rejected row's line and the problems of its fields."""
    problems = tuple(
        FieldProblem(field=each.field, en=each.message, zh=each.message_zh or each.message)
        for each in reasons_of(error)
    )
    return RowError(row=row.line, problems=problems)
