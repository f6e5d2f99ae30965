"""Bulk imports: progress and refused rows."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from roost.events.account import EmployerId
from roost.events.common import Model, WorkerId
from roost.events.import_mapping import ImportKind

ImportId = Annotated[str, Field(pattern=r"^i-[a-z2-7]{26}$")]


class ImportState(StrEnum):
    """State of an import; `interrupted`: its process ended, and its published rows remain."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def over(self) -> bool:
        """Whether the import has ended, successfully or not."""
        return self not in {ImportState.WAITING, ImportState.RUNNING}


class FieldProblem(Model):
    """Fault of one field, without the field's value."""

    field: str
    zh: str
    en: str
    candidates: Annotated[tuple[str, ...], Field(max_length=20)] = Field(
        (), description="keys of the places that the text of the field may name"
    )


class AlikePerson(Model):
    """Person who may be the one of a row: a stored one, or one of an earlier row of the file."""

    id: WorkerId
    signs: Annotated[tuple[str, ...], Field(max_length=10)] = Field(
        (), description="reasons to ask: `number`, `telephone`, `name_and_home`, …"
    )


class AlikeEmployer(Model):
    """Stored employer of the name in a row."""

    id: EmployerId
    name: str


class RowError(Model):
    """Refused row of an import, with the faults of its fields."""

    row: int = Field(ge=0, description="line of the file, or position in the array, from 1")
    sheet: str | None = Field(None, description="sheet of a workbook")
    problems: tuple[FieldProblem, ...]
    id: str | None = Field(
        None, description="id that the row's number has on its own; decisions name it as `row`"
    )
    people: Annotated[tuple[AlikePerson, ...], Field(max_length=30)] = Field(
        (), description="people whom a decision is needed on; none: the row is rejected"
    )
    employer: str | None = Field(
        None, description="name whose employer is undecided; decisions name it as `name`"
    )
    employers: Annotated[tuple[AlikeEmployer, ...], Field(max_length=5)] = Field(
        (), description="stored employers of that name"
    )


class ImportJob(Model):
    """Import as it is now: its origin, options, state and counts of rows."""

    id: ImportId
    state: ImportState
    owner: str = Field(description="account or key that sent it")
    group: str = Field("", description="employer or station whose people see it, besides its owner")
    kind: ImportKind = "openings"
    undoes: ImportId | None = Field(None, description="import that this one takes back")
    format: str
    mapping: str | None = None
    encoding: str | None = Field(None, description="encoding of a text, if the sender named it")
    dry_run: bool = Field(False, description="rows are checked but not published")
    rows: int = Field(ge=0, description="approximate number of rows in the upload")
    read: int = Field(0, ge=0)
    published: int = Field(0, ge=0)
    unchanged: int = Field(0, ge=0, description="rows whose content was already stored")
    repeated: int = Field(0, ge=0, description="repeated rows of the upload")
    rejected: int = Field(0, ge=0)
    doubtful: int = Field(0, ge=0, description="rows that a person should confirm")
    undecided: int = Field(
        0,
        ge=0,
        description="doubtful rows that wait for a decision on their person or employer",
    )
    why: str = ""
    why_zh: str = ""
    sent: str = Field(description="hash of the upload and its options")
    created_at: datetime
    updated_at: datetime

    @property
    def counted_as(self) -> str:
        """Owner of the limits on imports: the person, or the owner of the key."""
        return self.group if self.group and self.owner.startswith("k-") else self.owner


class ImportReport(Model):
    """State of the job, and the rows refused since the last report."""

    job: ImportJob
    errors: Annotated[tuple[RowError, ...], Field(max_length=1_000)] = ()
