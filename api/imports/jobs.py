"""The jobs of the last days, as every process of the API knows them: pure, and bounded."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from roost.events.import_job import ImportJob, ImportReport, ImportState, RowError

NEVER = datetime.min.replace(tzinfo=UTC)
MOST_JOBS = 200
MOST_ERRORS = 2_000
"""Of a job; rows refused beyond it are counted only."""
SILENT = timedelta(seconds=60)
"""A job that has said nothing for so long has lost its process."""
INTERRUPTED = "The process that ran it has ended; send the file again: nothing is done twice."
INTERRUPTED_ZH = "处理进程已中断，请重新上传：不会重复写入。"


@dataclass(slots=True)
class Known:
    job: ImportJob
    errors: list[RowError] = field(default_factory=list)
    until: datetime = NEVER
    """When the last report that was taken was made: none is taken twice."""


class Jobs:
    def __init__(self) -> None:
        self._known: OrderedDict[str, Known] = OrderedDict()

    def take(self, report: ImportReport) -> None:
        """A later report counts; one that is over stays so."""
        known = self._known.setdefault(report.job.id, Known(report.job))
        if report.job.updated_at <= known.until or known.job.state.over:
            return
        known.job, known.until = report.job, report.job.updated_at
        known.errors += report.errors[: MOST_ERRORS - len(known.errors)]
        while len(self._known) > MOST_JOBS:
            self._known.popitem(last=False)

    def get(self, id: str, now: datetime) -> ImportJob | None:
        known = self._known.get(id)
        return None if known is None else as_of(known.job, now)

    def errors(self, id: str, after: int, most: int) -> Sequence[RowError]:
        """Refused rows from number `after` on, in the order they were met."""
        known = self._known.get(id)
        return () if known is None else known.errors[after : after + most]

    def newest(self, now: datetime) -> list[ImportJob]:
        return [as_of(each.job, now) for each in reversed(self._known.values())]


def as_of(job: ImportJob, now: datetime) -> ImportJob:
    """A job whose process has gone silent is interrupted, whatever it last said."""
    if job.state.over or now - job.updated_at < SILENT:
        return job
    gone = {"state": ImportState.INTERRUPTED, "why": INTERRUPTED, "why_zh": INTERRUPTED_ZH}
    return job.model_copy(update=gone)
