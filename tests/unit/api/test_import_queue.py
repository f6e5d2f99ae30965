"""The queue of imports: places, heartbeats, honest ends, and a stop that always ends."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from api.imports import running
from api.imports.import_work import Work, fitting, row_error
from api.imports.jobs import MOST_ERRORS_OF_OWNER, MOST_JOBS_OF_OWNER, Jobs
from api.imports.pending import PendingImports, TooManyImports
from api.imports.running import Imports, RejectedRows
from api.imports.upload import Upload
from api.ports.latest_writes import LatestWrites
from producers.importing.importer import permit_everything
from producers.importing.verdicts import RowOutcome, Verdict
from producers.tables.table_model import ImportRow
from roost import ids
from roost.errors import FieldError, Transient
from roost.events.envelope import Record, decode
from roost.events.import_job import FieldProblem, ImportJob, ImportReport, ImportState, RowError
from roost.kafka.ports import Position
from roost.time.clock import Clock, SystemClock
from roost.topics import IMPORTS, MAX_RECORD_BYTES
from tests.unit.api.builders import NOW
from tests.unit.api.reading import InMemoryReader
from tests.unit.api.services import EmptyViews

LINE = (
    '{"hiringOrganization": {"id": "x", "name": "X"}, "title": "焊工", '
    '"jobLocation": {"name": "太原市"}}\n'
)


class Publisher:
    """Keeps reports; `away` refuses them."""

    def __init__(self) -> None:
        self.reports: list[ImportReport] = []
        self.away = False
        self.more = asyncio.Condition()

    async def publish(self, records: Sequence[Record]) -> list[Position]:
        if self.away:
            raise Transient("away", "away")
        self.reports += [decode(ImportReport, each.value or b"") for each in records]
        async with self.more:
            self.more.notify_all()
        return [Position(IMPORTS.name, 0, len(self.reports)) for _ in records]

    def states(self, id: str) -> list[ImportState]:
        return [each.job.state for each in self.reports if each.job.id == id]


class HangingPublisher:
    """Blocks the import's thread, as a broker that is away does."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.released = threading.Event()

    def publish(self, records: Sequence[Record]) -> list[Position]:
        self.entered.set()
        self.released.wait(30)
        return [Position("openings", 0, 1) for _ in records]


class Queue:
    """Imports on ports in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.publisher, self.blocking = Publisher(), HangingPublisher()
        self.imports = Imports(
            cast(Any, InMemoryReader([IMPORTS])),
            self.publisher,
            cast(Any, self.blocking),
            cast(Any, EmptyViews()),
            cast(Clock, SystemClock()),
            UTC,
            folder,
            LatestWrites(),
            PendingImports(2, 3),
            RejectedRows(folder / "rejects", timedelta(days=30)),
        )

    def work(self, number: int, line: str = LINE) -> Work:
        path = self.folder / f"{number}.ndjson"
        path.write_text(line)
        now = SystemClock().now()
        job = ImportJob(
            id=ids.derive("i", str(number)),
            state=ImportState.WAITING,
            owner="u-1",
            format="ndjson",
            rows=1,
            sent="x",
            created_at=now,
            updated_at=now,
        )
        self.imports.pending.reserve("u-1")
        return Work(job, Upload(path, "ndjson", 1, "x"), permit_everything)

    async def hanging(self) -> tuple[Work, Work]:
        """Begin an import that hangs, and one that waits behind it."""
        first, second = self.work(1), self.work(2)
        await self.imports.begin(first)
        await self.imports.begin(second)
        assert await asyncio.to_thread(self.blocking.entered.wait, 10)
        return first, second


@pytest.fixture
async def queue(tmp_path: Path) -> AsyncIterator[Queue]:
    made = Queue(tmp_path)
    made.imports.start()
    yield made
    made.blocking.released.set()
    await made.imports.close()


async def test_a_stop_ends_while_an_import_waits_for_kafka(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "STOP_WITHIN_S", 0.05)
    first, second = await queue.hanging()
    async with asyncio.timeout(10):
        await queue.imports.close()
    for work in (first, second):
        assert queue.publisher.states(work.job.id)[-1] is ImportState.INTERRUPTED
        assert not work.upload.path.exists()
    queue.imports.pending.reserve("u-1")  # its places are free again


async def test_an_import_that_ends_within_the_stop_is_done(queue: Queue) -> None:
    first, _ = await queue.hanging()
    closing = asyncio.create_task(queue.imports.close())
    await asyncio.sleep(0)
    queue.blocking.released.set()
    async with asyncio.timeout(10):
        await closing
    assert queue.publisher.states(first.job.id)[-1] in {ImportState.DONE, ImportState.INTERRUPTED}
    with pytest.raises(Transient, match="stopping"):
        await queue.imports.begin(queue.work(3))


async def test_a_waiting_import_is_reported_while_another_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "HEARTBEAT_S", 0.01)
    queue = Queue(tmp_path)
    queue.imports.start()
    _, second = await queue.hanging()
    async with asyncio.timeout(10), queue.publisher.more:
        await queue.publisher.more.wait_for(lambda: len(queue.publisher.states(second.job.id)) > 2)
    assert set(queue.publisher.states(second.job.id)) == {ImportState.WAITING}
    queue.blocking.released.set()
    await queue.imports.close()


async def test_an_import_that_kafka_has_not_taken_is_unknown(queue: Queue) -> None:
    queue.publisher.away = True
    work = queue.work(1)
    with pytest.raises(Transient):
        await queue.imports.begin(work)
    assert queue.imports.jobs.get(work.job.id, NOW) is None


def test_an_owner_fills_only_the_own_places() -> None:
    pending = PendingImports(2, 3)
    pending.reserve("a")
    pending.reserve("a")
    with pytest.raises(TooManyImports, match="2 of your imports"):
        pending.reserve("a")
    pending.reserve("b")
    with pytest.raises(TooManyImports, match="Too many"):
        pending.reserve("b")
    pending.release("a")
    pending.reserve("b")


def job(owner: str, number: int) -> ImportJob:
    return ImportJob(
        id=ids.derive("i", owner, str(number)),
        state=ImportState.DONE,
        owner=owner,
        format="csv",
        rows=1,
        sent="x",
        created_at=NOW,
        updated_at=NOW,
    )


def test_no_owner_loses_a_job_to_another() -> None:
    jobs = Jobs()
    jobs.take(ImportReport(job=job("small", 0)))
    for number in range(3 * MOST_JOBS_OF_OWNER):
        jobs.take(ImportReport(job=job("busy", number)))
    assert jobs.get(job("small", 0).id, NOW) is not None
    assert len(jobs.newest(NOW)) == MOST_JOBS_OF_OWNER + 1
    assert jobs.get(job("busy", 0).id, NOW) is None


def test_the_rejected_rows_of_an_owner_are_bounded() -> None:
    jobs = Jobs()
    problem = FieldProblem(field="title", zh="缺", en="missing")
    errors = tuple(RowError(row=row, problems=(problem,)) for row in range(1_000))
    for number in range(MOST_ERRORS_OF_OWNER // 1_000 + 5):
        jobs.take(ImportReport(job=job("busy", number), errors=errors))
    kept = [len(jobs.errors(job("busy", number).id, 0, 2_000)) for number in range(15)]
    assert sum(kept) == MOST_ERRORS_OF_OWNER
    assert kept[0] == 0, "the oldest job's rows go first"


def test_rejected_rows_are_reported_in_records_that_kafka_takes() -> None:
    fields = tuple(FieldError("列" * 10_000, "x" * 10_000, "错" * 10_000) for _ in range(500))
    error = row_error(RowOutcome(ImportRow(1, {}), Verdict.REJECTED, fields))
    errors = [error] * 2_000
    sent = 0
    while sent < len(errors):
        most = fitting(errors[sent:])
        report = ImportReport(job=job("a", 1), errors=tuple(errors[sent : sent + most]))
        assert len(report.to_json()) < MAX_RECORD_BYTES
        sent += most
    assert fitting([]) == 0


async def test_an_import_ends_at_the_row_that_is_one_too_many(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "MOST_ROWS", 2)
    queue.blocking.released.set()
    work = queue.work(1, LINE * 2 + "{}\n")
    await queue.imports.begin(work)
    async with queue.publisher.more:
        await queue.publisher.more.wait_for(lambda: queue.publisher.reports[-1].job.state.over)
    ended = queue.publisher.reports[-1].job
    assert ended.state is ImportState.FAILED
    assert "more than 2 rows" in ended.why
