"""Change feed memory, cursors, import jobs and uploads, without servers."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from api.access.principal import Principal
from api.changes.service import StreamStart, stream_start
from api.imports.jobs import SILENT, Jobs
from api.imports.upload import UnsupportedUpload, ending_of, spooled
from api.live.change_feed import RecentFeed
from api.live.feed_positions import LIFETIME, MOST_BEHIND, PARTITIONS, format_cursor
from api.ports.live_messages import FeedChange
from api.ports.services import Services
from roost import ids
from roost.errors import BadRequest, Invalid, TooLarge
from roost.events.account import AccountRole
from roost.events.import_job import FieldProblem, ImportJob, ImportReport, ImportState, RowError
from roost.kafka.ports import Partition
from roost.time.clock import FixedClock
from tests.unit.api.builders import NOW
from tests.unit.api.services import services_with


def change(offset: int, key: str = "o-1", value: bytes | None = b"{}") -> FeedChange:
    return FeedChange(PARTITIONS[0].topic, 0, offset, key, value, NOW)


WHO = Principal(id="k-1", role=AccountRole.ADMIN, name="ops")


class Feed:
    """A feed that is at some positions."""

    def __init__(self, at: int) -> None:
        self.at = dict.fromkeys(PARTITIONS, at)

    async def now(self) -> dict[Partition, int]:
        return self.at


def services(at: int = 5, moment: datetime = NOW) -> Services:
    return services_with(feed=Feed(at), key=b"k" * 32, clock=FixedClock(moment))


def cursor_at(offset: int, who: str = WHO.id, moment: datetime = NOW) -> str:
    return format_cursor(services(moment=moment), who, dict.fromkeys(PARTITIONS, offset))


async def started(at: int, last_id: str | None = None, since: str | None = None) -> StreamStart:
    return await stream_start(services(at), WHO, last_id, since)


async def test_a_stream_goes_on_after_its_last_event_or_at_a_cursor() -> None:
    for start in (await started(5, cursor_at(3)), await started(5, since=cursor_at(3))):
        assert start == StreamStart(dict.fromkeys(PARTITIONS, 3), reload=False)
    assert (await started(5)).positions == dict.fromkeys(PARTITIONS, 5)


@pytest.mark.parametrize(
    "forged",
    ["x", "0", ".".join("0" * len(PARTITIONS)), "A" * 400, "\xff", cursor_at(0, "k-2")],
    ids=["letter", "digit", "zeros", "long", "latin", "another caller's"],
)
async def test_a_forged_last_event_starts_from_now_and_a_forged_cursor_is_refused(
    forged: str,
) -> None:
    start = await started(5_000_000, forged)
    assert start == StreamStart(dict.fromkeys(PARTITIONS, 5_000_000), reload=False)
    with pytest.raises(BadRequest, match="since"):
        await started(5_000_000, since=forged)


async def test_a_stream_that_has_fallen_too_far_behind_is_asked_to_reload() -> None:
    start = await started(MOST_BEHIND // len(PARTITIONS) + 1, cursor_at(0))
    assert start.reload
    assert start.positions[PARTITIONS[0]] > 0


async def test_an_expired_event_asks_for_a_reload_and_an_expired_cursor_is_refused() -> None:
    old = cursor_at(4, moment=NOW - LIFETIME - timedelta(seconds=1))
    assert await started(5, old) == StreamStart(dict.fromkeys(PARTITIONS, 5), reload=True)
    with pytest.raises(BadRequest, match="expired"):
        await started(5, since=old)


def test_the_newest_changes_are_read_from_memory_until_they_are_dropped() -> None:
    recent = RecentFeed(most=3)
    for offset in range(5):
        recent.put(change(offset))
    at = dict.fromkeys(PARTITIONS, 0)
    places = PARTITIONS[:1]
    assert not recent.covers(at, places)
    at[PARTITIONS[0]] = 2
    assert recent.covers(at, places)
    assert [each.offset for each in recent.after(at, places, 10)] == [2, 3, 4]
    assert [each.offset for each in recent.after(at, places, 2)] == [2, 3]
    assert recent.after(at, PARTITIONS[1:], 10) == []


def test_erased_values_are_dropped_at_once() -> None:
    recent = RecentFeed()
    recent.put(change(0, value=b'{"name": "x"}'))
    recent.put(change(1, key="o-2"))
    recent.put(change(2, value=None))
    changes = recent.after(dict.fromkeys(PARTITIONS, 0), PARTITIONS, 10)
    assert [each.value for each in changes] == [None, b"{}", None]


def job(state: ImportState = ImportState.RUNNING, seconds: int = 0, **changes: int) -> ImportJob:
    said = {
        "id": ids.derive("i", "1"),
        "state": state,
        "owner": "u-1",
        "format": "csv",
        "rows": 10,
        "sent": "u-1",
        "created_at": NOW,
        "updated_at": NOW + timedelta(seconds=seconds),
    }
    return ImportJob.model_validate(said | changes)


def error(row: int) -> RowError:
    return RowError(row=row, problems=(FieldProblem(field="title", zh="缺", en="missing"),))


def test_a_report_is_applied_once_and_the_newest_wins() -> None:
    jobs = Jobs()
    first = ImportReport(job=job(), errors=(error(1),))
    second = ImportReport(job=job(seconds=1, read=5), errors=(error(2),))
    for report in (first, second, first, second):
        jobs.take(report)
    found = jobs.get(first.job.id, NOW)
    assert found is not None
    assert found.read == 5
    assert [each.row for each in jobs.errors(first.job.id, 0, 10)] == [1, 2]
    assert [each.row for each in jobs.errors(first.job.id, 1, 10)] == [2]
    jobs.take(ImportReport(job=job(ImportState.DONE, 2)))
    jobs.take(ImportReport(job=job(ImportState.RUNNING, 3)))
    done = jobs.get(first.job.id, NOW + timedelta(days=1))
    assert done is not None
    assert done.state is ImportState.DONE


def test_a_job_without_reports_is_shown_as_interrupted() -> None:
    jobs = Jobs()
    jobs.take(ImportReport(job=job()))
    id = job().id
    just, late = jobs.get(id, NOW + SILENT / 2), jobs.get(id, NOW + SILENT)
    assert just is not None
    assert late is not None
    assert (just.state, late.state) == (ImportState.RUNNING, ImportState.INTERRUPTED)
    assert "again" in late.why


async def pieces(*parts: bytes):  # type: ignore[no-untyped-def]
    for each in parts:
        yield each


async def test_an_upload_is_streamed_to_disk_and_bounded(tmp_path: Path) -> None:
    upload = await spooled(pieces(b"a\nb", b"b\nc"), ".csv", tmp_path, 100)
    assert (upload.path.read_bytes(), upload.rows) == (b"a\nbb\nc", 3)
    with pytest.raises(TooLarge):
        await spooled(pieces(b"x" * 60, b"x" * 60), ".csv", tmp_path, 100)
    array = await spooled(pieces(b'[{"a": 1},', b'{"a": 2}]'), ".json", tmp_path, 100)
    assert (array.path.read_bytes(), array.rows) == (b'{"a":1}\n{"a":2}\n', 2)
    with pytest.raises(Invalid):
        await spooled(pieces(b"{}"), ".json", tmp_path, 100)
    graph = await spooled(pieces(b'{"@graph": [{"a": 1}]}'), ".json", tmp_path, 100)
    assert (graph.path.read_bytes(), graph.rows) == (b'{"a":1}\n', 1)
    graph.path.unlink()
    assert set(os.listdir(tmp_path)) == {upload.path.name, array.path.name}


def test_only_supported_content_types_are_accepted() -> None:
    assert ending_of("application/x-ndjson; charset=utf-8") == ".ndjson"
    assert ending_of("application/vnd.ms-excel") == ".xls"
    with pytest.raises(UnsupportedUpload):
        ending_of("application/pdf")
