"""Bounded table of the import jobs of the last days, built from their reports: pure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from roost.events.import_job import ImportJob, ImportReport, ImportState, RowError

NEVER = datetime.min.replace(tzinfo=UTC)
MOST_JOBS = 5_000
"""Most jobs kept of all owners; beyond it, the owner with the most loses the oldest one."""
MOST_JOBS_OF_OWNER = 100
MOST_ERRORS = 2_000
"""Most rejected rows kept of a job; further ones are only counted."""
MOST_ERRORS_OF_OWNER = 10_000
"""Most rejected rows kept of an owner's jobs; those of the oldest job are dropped first."""
SILENT = timedelta(seconds=60)
"""Time without a report after which a job's process is taken to have ended."""
INTERRUPTED = "The process that ran it has ended; send the file again: nothing is done twice."
INTERRUPTED_ZH = "处理进程已中断，请重新上传：不会重复写入。"


@dataclass(slots=True)
class JobProgress:
    """Newest report of a job, and its rejected rows."""

    job: ImportJob
    errors: list[RowError] = field(default_factory=list)
    until: datetime = NEVER
    """Time of the newest report; older ones and repeats are ignored."""


class Jobs:
    """Import jobs by id, newest last. An owner's jobs are never dropped for another's."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, JobProgress] = OrderedDict()
        self._owned: dict[str, list[str]] = {}
        """Ids of each owner's jobs, oldest first."""

    def take(self, report: ImportReport) -> None:
        """Apply a report unless it is older than the newest one, or the job has ended."""
        known = self._known.get(report.job.id)
        if known is None:
            known = self._known[report.job.id] = JobProgress(report.job)
            self._owned.setdefault(report.job.counted_as, []).append(report.job.id)
        elif report.job.updated_at <= known.until or known.job.state.over:
            return
        known.job, known.until = report.job, report.job.updated_at
        known.errors += report.errors[: MOST_ERRORS - len(known.errors)]
        self._bound(report.job.counted_as)

    def _bound(self, owner: str) -> None:
        """Drop the oldest jobs and rejected rows beyond the limits."""
        while len(self._owned[owner]) > MOST_JOBS_OF_OWNER:
            self._drop_oldest(owner)
        while len(self._known) > MOST_JOBS:
            self._drop_oldest(max(self._owned, key=lambda each: len(self._owned[each])))
        kept = 0
        for id in reversed(self._owned.get(owner, [])):
            kept += len(self._known[id].errors)
            if kept > MOST_ERRORS_OF_OWNER:
                self._known[id].errors.clear()

    def _drop_oldest(self, owner: str) -> None:
        del self._known[self._owned[owner].pop(0)]
        if not self._owned[owner]:
            del self._owned[owner]

    def get(self, id: str, now: datetime) -> ImportJob | None:
        """Return a job, or None if it is unknown."""
        known = self._known.get(id)
        return None if known is None else as_of(known.job, now)

    def errors(self, id: str, after: int, most: int) -> Sequence[RowError]:
        """Return at most `most` rejected rows from number `after`, in the order of the file."""
        known = self._known.get(id)
        return () if known is None else known.errors[after : after + most]

    def kept_errors(self, id: str) -> int:
        """Return the number of rejected rows that are kept of a job."""
        known = self._known.get(id)
        return 0 if known is None else len(known.errors)

    def newest(self, now: datetime) -> list[ImportJob]:
        """Return the jobs, newest first."""
        return [as_of(each.job, now) for each in reversed(self._known.values())]


def as_of(job: ImportJob, now: datetime) -> ImportJob:
    """Return the job; a running one without a report for a minute is interrupted."""
    if job.state.over or now - job.updated_at < SILENT:
        return job
    gone = {"state": ImportState.INTERRUPTED, "why": INTERRUPTED, "why_zh": INTERRUPTED_ZH}
    return job.model_copy(update=gone)
