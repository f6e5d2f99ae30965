"""Responses of the imports endpoints."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import ConfigDict, Field

from api.lists.totals import TotalField
from roost.events.common import Model
from roost.events.employer_name import EmployerName
from roost.events.import_job import ImportId, ImportJob, ImportState, RowError
from roost.events.import_mapping import ImportKind


class Progress(Model):
    """Progress of an import."""

    id: ImportId
    kind: ImportKind
    state: ImportState
    progress: float = Field(ge=0, le=1, description="fraction of the rows that are read")
    format: str
    mapping: str | None
    dry_run: bool
    rows: int
    read: int
    published: int
    unchanged: int
    repeated: int
    rejected: int
    undecided: int = Field(
        description="rows that are not imported before a decision on their person or "
        "employer; listed as errors"
    )
    why: str = Field(description="reason it ended without finishing")
    errors: str = Field(description="path of the list of rejected rows")
    created_at: datetime
    updated_at: datetime


class ProgressList(Model):
    """Imports, newest first."""

    items: Sequence[Progress]


class EmployerNames(Model):
    """Decisions whose employer a name in files is, newest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "id": "l-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                            "owner": "station:s-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                            "name": "岚岭食品厂",
                            "sameAs": "uscc:91110000100000000R",
                            "differentFrom": [],
                            "decidedAt": "2026-11-30T08:00:00Z",
                            "decidedBy": "u-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                        }
                    ]
                }
            ]
        }
    )

    items: Sequence[EmployerName]


class Errors(Model):
    """Page of an import's rejected rows, in the order of the file."""

    items: Sequence[RowError]
    next: str | None = None
    total: TotalField = None


def progress_of(job: ImportJob, *, chinese: bool) -> Progress:
    """Return a job's progress, with the reason it ended in the reader's language."""
    values = {name: getattr(job, name) for name in Progress.model_fields if hasattr(job, name)}
    done = job.state is ImportState.DONE
    return Progress(
        **values | {"why": job.why_zh if chinese else job.why},
        progress=1.0 if done else round(job.read / max(job.rows, job.read, 1), 3),
        errors=f"/v1/imports/{job.id}/errors",
    )
