"""A bulk import that somebody sent: how far it has come, and which rows were refused."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from roost.events.common import Model

ImportId = Annotated[str, Field(pattern=r"^i-[a-z2-7]{26}$")]


class ImportState(StrEnum):
    """`interrupted`: the process that ran it has ended; what was published stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def over(self) -> bool:
        return self not in {ImportState.WAITING, ImportState.RUNNING}


class FieldProblem(Model):
    """What is wrong with one field; never what it says."""

    field: str
    zh: str
    en: str


class RowError(Model):
    row: int = Field(ge=0, description="line of the file, or number in the array, from 1")
    problems: tuple[FieldProblem, ...]


class ImportJob(Model):
    id: ImportId
    state: ImportState
    owner: str = Field(description="whose account or key sent it")
    format: str
    mapping: str | None = None
    dry_run: bool = Field(False, description="everything is checked, nothing is published")
    rows: int = Field(ge=0, description="lines that the upload has, about")
    read: int = Field(0, ge=0)
    published: int = Field(0, ge=0)
    unchanged: int = Field(0, ge=0, description="stood already with the same content")
    repeated: int = Field(0, ge=0, description="stood twice in the upload")
    rejected: int = Field(0, ge=0)
    why: str = ""
    why_zh: str = ""
    sent: str = Field(description="hash of the upload and how it was asked for")
    created_at: datetime
    updated_at: datetime


class ImportReport(Model):
    """The job as it is now, and the refused rows that are new since the last report."""

    job: ImportJob
    errors: Annotated[tuple[RowError, ...], Field(max_length=1_000)] = ()
