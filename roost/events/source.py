"""Pull feeds: sources of advertisements, the runs that read them, and the openings they list.

A person or a program defines a source (topic `sources`). Only the runner writes its state (topic
`source-runs`) and its entries (topic `source-entries`), so no two writers share a key.
"""

from __future__ import annotations

from datetime import time
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AwareDatetime, Field, model_validator
from pydantic_core import PydanticCustomError

from roost.events.common import Line, Model, OpeningId
from roost.events.import_job import FieldProblem
from roost.events.opening_hours import ClockTime

SourceId = Annotated[str, Field(pattern=r"^f-[a-z2-7]{26}$")]
LEAST_MINUTES, MOST_MINUTES = 5, 7 * 24 * 60
KEPT_RUNS = 20
KEPT_PROBLEMS = 20


class SourceMode(StrEnum):
    """Meaning of a source's answer.

    `listing`: all current advertisements; one that is missing was withdrawn. `changes`: those that
    changed since a cursor; a missing one is unchanged.
    """

    LISTING = "listing"
    CHANGES = "changes"


class Schedule(Model):
    """Times at which a source is read: at intervals, or at times of the county's day."""

    every_minutes: Annotated[int, Field(ge=LEAST_MINUTES, le=MOST_MINUTES)] | None = None
    at: Annotated[tuple[ClockTime, ...], Field(max_length=24)] = Field(
        (), description="times of day in the county's time zone"
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.every_minutes is None) == (not self.at):
            raise PydanticCustomError(
                "source_schedule", "Give either everyMinutes or the times of day (at)"
            )
        return self

    @property
    def times(self) -> tuple[time, ...]:
        """Times of day, each once, in order."""
        return tuple(sorted(set(self.at)))


class CursorRule(Model):
    """Place of the next cursor in an answer; `{cursor}` in the URL is replaced by it.

    `field` is a path in a JSON answer, such as `next` or `meta.nextCursor`; `header` the name of a
    response header. A value that is a URL, or begins with a slash, is the address of the next page.
    """

    field: Annotated[str, Field(max_length=200, pattern=r"^[^\s.]+(\.[^\s.]+)*$")] | None = None
    header: Annotated[str, Field(max_length=100, pattern=r"^[A-Za-z0-9-]+$")] | None = None
    start: Annotated[str, Field(max_length=500)] = Field("", description="first cursor")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.field is None) == (self.header is None):
            raise PydanticCustomError("source_cursor", "Give either field or header of the cursor")
        return self


class RemovalRule(Model):
    """Mark of a withdrawn advertisement in a source of changes: a column and its values."""

    field: Line = Field(description="column, or path in a JSON record")
    values: Annotated[tuple[Line, ...], Field(min_length=1, max_length=20)]


class SourceContent(Model):
    """Definition of a source: everything except its id."""

    name: Line
    url: Annotated[str, Field(max_length=2_000)] | None = Field(
        None, description="https URL, reachable from the public internet"
    )
    folder: Annotated[str, Field(max_length=200, pattern=r"^[\w.-]+(/[\w.-]+)*$")] | None = Field(
        None, description="folder within the county's folder of sources"
    )
    mapping: Annotated[str, Field(max_length=100, pattern=r"^[\w-]+$")] | None = Field(
        None,
        description="mapping that reads the rows: the name of a shipped one or of a file, or the "
        "id of one that was saved in the console; by default columns are named like fields",
    )
    near: Annotated[str, Field(min_length=1, max_length=64)] | None = Field(
        None,
        description="a place nearby, such as the partner's county, which decides between places "
        "of one name; stored as its key",
    )
    mode: SourceMode = SourceMode.LISTING
    schedule: Schedule = Schedule(every_minutes=60)
    cursor: CursorRule | None = None
    removal: RemovalRule | None = None
    most_withdrawn_percent: Annotated[int, Field(ge=0, le=100)] = Field(
        30,
        description="largest share of the listed advertisements that one run closes by itself",
    )
    paused: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.url is None) == (self.folder is None):
            raise PydanticCustomError("source_place", "Give either url or folder")
        if self.folder is not None and any(
            part.strip(".") == "" for part in self.folder.split("/")
        ):
            raise PydanticCustomError(
                "source_folder", "The folder lies within the folder of sources; leave out `..`"
            )
        if self.cursor is not None and self.url is None:
            raise PydanticCustomError("source_cursor_url", "Only a source with a url has a cursor")
        if self.removal is not None and self.mode is SourceMode.LISTING:
            raise PydanticCustomError(
                "source_removal", "A listing has no mark of removal; use the mode changes"
            )
        return self


class Source(SourceContent):
    """Source as stored in the topic `sources`."""

    id: SourceId
    created_at: AwareDatetime
    changed_at: AwareDatetime
    run_asked_at: AwareDatetime | None = Field(
        None, description="time at which a person asked for a run; later than the last run if due"
    )
    confirmed_at: AwareDatetime | None = Field(
        None, description="time at which a person confirmed held withdrawals"
    )
    confirmed_withdrawals: Annotated[int, Field(ge=0)] = Field(
        0, description="number of withdrawals that the next run may carry out"
    )


class RunOutcome(StrEnum):
    """Outcome of a run: read, unchanged since the last one, withdrawals held, or failed."""

    READ = "read"
    UNCHANGED = "unchanged"
    HELD = "held"
    FAILED = "failed"


class RunFault(StrEnum):
    """Kind of failure of a run."""

    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    STATUS = "status"
    TOO_LARGE = "too-large"
    TOO_SLOW = "too-slow"
    UNREADABLE = "unreadable"
    MAPPING = "mapping"
    NO_FILE = "no-file"
    SERVICE = "service"


class HeldReason(StrEnum):
    """Reason why withdrawals wait for a person."""

    SHARE = "share"
    EMPTY = "empty"
    UNIDENTIFIED = "unidentified"


class RowProblem(Model):
    """Rejected row of a run, with the faults of its columns."""

    row: int = Field(ge=0)
    problems: Annotated[tuple[FieldProblem, ...], Field(max_length=20)]


class SourceRun(Model):
    """One run of a source: its time, its outcome and its counts."""

    started_at: AwareDatetime
    ended_at: AwareDatetime
    outcome: RunOutcome
    fault: RunFault | None = None
    why: str = ""
    why_zh: str = ""
    read: int = Field(0, ge=0)
    published: int = Field(0, ge=0)
    unchanged: int = Field(0, ge=0)
    rejected: int = Field(0, ge=0)
    closed: int = Field(0, ge=0, description="withdrawn advertisements that were closed")
    reopened: int = Field(0, ge=0, description="advertisements that came back")
    ended_matches: int = Field(
        0, ge=0, description="matches in progress that ended with the closed advertisements"
    )


class SourceState(Model):
    """State of a source after its last run; only the runner writes it."""

    source_id: SourceId
    definition: str = Field(description="hash of the definition that the validators belong to")
    etag: Annotated[str, Field(max_length=1_000)] | None = None
    last_modified: Annotated[str, Field(max_length=100)] | None = None
    cursor: Annotated[str, Field(max_length=2_000)] | None = None
    due_at: AwareDatetime
    running_since: AwareDatetime | None = Field(
        None, description="start of the current run; of one that was killed if it is long ago"
    )
    failures: int = Field(0, ge=0, description="failed runs in a row")
    succeeded_at: AwareDatetime | None = None
    held: Annotated[int, Field(ge=0)] = Field(0, description="withdrawals that wait for a person")
    held_reason: HeldReason | None = None
    held_matches: Annotated[int, Field(ge=0)] = Field(
        0, description="matches in progress that end if these withdrawals are confirmed"
    )
    listed: Annotated[int, Field(ge=0)] = Field(0, description="advertisements that it lists")
    runs: Annotated[tuple[SourceRun, ...], Field(max_length=KEPT_RUNS)] = Field(
        (), description="the last runs, oldest first"
    )
    problems: Annotated[tuple[RowProblem, ...], Field(max_length=KEPT_PROBLEMS)] = Field(
        (), description="first rejected rows of the last run that read any"
    )

    @property
    def id(self) -> str:
        """Key of its record."""
        return self.source_id

    @property
    def last(self) -> SourceRun | None:
        """The last run."""
        return self.runs[-1] if self.runs else None


class SourceEntry(Model):
    """An opening that a source lists, or listed and withdrew; a tombstone when the source goes."""

    source_id: SourceId
    opening_id: OpeningId
    reference: Annotated[str, Field(max_length=300)] = Field(
        "", description="the source's own reference of the advertisement, if it has one"
    )
    listed: bool
    since: AwareDatetime = Field(description="time of the run that found it listed or withdrawn")
    closed: str | None = Field(
        None,
        description="hash of the opening as this source closed it; it is reopened only unchanged",
    )

    @property
    def id(self) -> str:
        """Key of its record."""
        return f"{self.source_id}.{self.opening_id}"
