"""Running imports: one at a time, in a thread; each batch acknowledged by Kafka before the next."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from pathlib import Path
from typing import Any, TypeVar

import structlog

from api.imports.jobs import INTERRUPTED, INTERRUPTED_ZH, MOST_ERRORS, Jobs
from api.imports.upload import Upload, sweep
from api.ports.following import TopicFollower
from producers import rosters
from producers.importing import KINDS, Importer, Summary, lists_of, reasons_of
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
T = TypeVar("T")
KEPT = timedelta(days=7)
MOST_WAITING = 10
OPENINGS = KINDS["openings"]
SOURCE = "api"
"""As POST /v1/openings has it: the same reference is the same opening, however it came."""

OURS = "Internal error; it has been logged."
OURS_ZH = "系统内部错误，已记录。"


class Stopped(Exception):
    """The process is ending."""


@dataclass(slots=True)
class Work:
    """One import with what it needs; `fresh` are refused rows that were not told yet."""

    job: ImportJob
    upload: Upload
    allowed: Callable[[Any], None]
    told: int = 0
    fresh: list[RowError] = field(default_factory=list)


class Imports:
    def __init__(
        self,
        reader: TopicReader,
        publisher: Producer,
        blocking_publisher: BlockingProducer,
        elastic: Elastic,
        clock: Clock,
        zone: tzinfo,
        folder: Path,
    ) -> None:
        self.jobs = Jobs()
        self.folder = folder
        """Where uploads wait."""
        self._publisher = publisher
        self._blocking_publisher = blocking_publisher
        self._elastic = elastic
        self._clock = clock
        self._zone = zone
        self._waiting: asyncio.Queue[Work] = asyncio.Queue(MOST_WAITING)
        self._stopping = threading.Event()
        self._following = TopicFollower(reader, [IMPORTS], self._take, clock.now() - KEPT)
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        sweep(self.folder)
        self._following.start()
        self._running = asyncio.create_task(self._run(), name="imports")

    async def close(self) -> None:
        """Ends the import in hand after its batch, and says of all that they are interrupted."""
        self._stopping.set()
        await self._following.close()
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])

    async def caught_up(self) -> None:
        await self._following.caught_up()

    async def begin(self, work: Work) -> ImportJob:
        """Raises Transient when too many are waiting, or Kafka does not take it."""
        if self._waiting.full():
            raise Transient(
                "Too many imports are waiting; send it again in a few minutes.",
                "等待处理的导入过多，请几分钟后重试。",
            )
        await self._say(work)
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
            work.job = work.job.model_copy(update={"state": ImportState.DONE})
        except (Stopped, asyncio.CancelledError):
            self._stopping.set()
            await asyncio.wait([thread])
            work.job = work.job.model_copy(
                update={
                    "state": ImportState.INTERRUPTED,
                    "why": INTERRUPTED,
                    "why_zh": INTERRUPTED_ZH,
                }
            )
        except RoostError as error:
            work.job = work.job.model_copy(
                update={
                    "state": ImportState.FAILED,
                    "why": error.message,
                    "why_zh": error.message_zh,
                }
            )
        except Exception as error:  # noqa: BLE001  the next import has to run all the same
            _log.error("import_failed", job=work.job.id, error=type(error).__name__)
            work.job = work.job.model_copy(
                update={"state": ImportState.FAILED, "why": OURS, "why_zh": OURS_ZH}
            )
        try:
            await self._say(work)
        except Transient as error:  # it is shown as interrupted once it has been silent
            _log.error("import_end_not_told", job=work.job.id, error=type(error).__name__)

    def _read(self, work: Work, loop: asyncio.AbstractEventLoop) -> None:
        """In a thread of its own; what is asynchronous is asked of the loop."""

        def ask(what: Coroutine[Any, Any, T]) -> T:
            return asyncio.run_coroutine_threadsafe(what, loop).result()

        def standing(view: str, ids: Sequence[str]) -> Mapping[str, str]:
            return ask(self._digests(view, ids))

        def refuse(row: ImportRow, error: RoostError) -> None:
            if work.told + len(work.fresh) < MOST_ERRORS:
                work.fresh.append(row_error(row, error))

        def progress(summary: Summary) -> None:
            if self._stopping.is_set():
                raise Stopped
            work.job = counted(work.job, summary)
            ask(self._say(work))

        job = work.job
        mapping: rosters.Mapping | rosters.Direct = rosters.Direct(SOURCE, lists=lists_of(OPENINGS))
        if job.mapping is not None:
            mapping = rosters.load_mapping(job.mapping)
        publisher = None if job.dry_run else self._blocking_publisher
        importer = Importer(
            OPENINGS, mapping, self._clock, self._zone, publisher, standing, work.allowed
        )
        importer.run(work.upload.path, refuse, progress=progress)

    async def _digests(self, view: str, ids: Sequence[str]) -> Mapping[str, str]:
        found = await self._elastic.mget([(view, id) for id in ids], ("digest",))
        return {id: document.get("digest", "") for (_, id), document in found.items()}

    async def _say(self, work: Work) -> None:
        """The job as it is now, with the rows that were refused since: at most as many at once as
        a record holds.
        """
        while True:
            fresh, work.fresh = work.fresh[:1_000], work.fresh[1_000:]
            work.told += len(fresh)
            work.job = work.job.model_copy(update={"updated_at": self._clock.now()})
            report = ImportReport(job=work.job, errors=tuple(fresh))
            self.jobs.take(report)
            await self._publisher.publish(
                [record(report, work.job.id, source="/api", at=work.job.updated_at)]
            )
            if not work.fresh:
                return

    def _take(self, incoming: Incoming) -> None:
        try:
            report = decode(ImportReport, incoming.value or b"null")
        except Invalid:
            _log.error("import_unreadable", offset=incoming.offset)
            return
        self.jobs.take(report)


def counted(job: ImportJob, summary: Summary) -> ImportJob:
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
    problems = tuple(
        FieldProblem(field=each.field, en=each.message, zh=each.message_zh or each.message)
        for each in reasons_of(error)
    )
    return RowError(row=row.line, problems=problems)
