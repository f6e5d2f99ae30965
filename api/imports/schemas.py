"""What the endpoints of imports answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import Field

from roost.events.common import Model
from roost.events.import_job import ImportId, ImportJob, ImportState, RowError


class Progress(Model):
    """How far an import has come."""

    id: ImportId
    state: ImportState
    progress: float = Field(ge=0, le=1, description="share of the rows that are read")
    format: str
    mapping: str | None
    dry_run: bool
    rows: int
    read: int
    published: int
    unchanged: int
    repeated: int
    rejected: int
    why: str = Field(description="what ended it, if it is not done")
    errors: str = Field(description="where the refused rows can be read")
    created_at: datetime
    updated_at: datetime


class ProgressList(Model):
    items: Sequence[Progress]


class Errors(Model):
    items: Sequence[RowError]
    next: str | None = None


def shown(job: ImportJob, *, chinese: bool) -> Progress:
    said = {name: getattr(job, name) for name in Progress.model_fields if hasattr(job, name)}
    done = job.state is ImportState.DONE
    return Progress(
        **said | {"why": job.why_zh if chinese else job.why},
        progress=1.0 if done else round(job.read / max(job.rows, job.read, 1), 3),
        errors=f"/v1/imports/{job.id}/errors",
    )
