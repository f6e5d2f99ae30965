"""One import as work: its job, its file, the rules of its rows, and the reports on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from api.imports.decisions import MOST_ALIKE
from api.imports.exclusive_writes import ExclusiveWrites
from api.imports.row_logs import NoRowLog, RowLog
from api.imports.upload import Upload
from producers.ends_search import FindEnds
from producers.importing.employer_recognition import FindEmployers
from producers.importing.file_places import PlaceEvidence
from producers.importing.import_kinds import KINDS, Kind
from producers.importing.importer import (
    Authorise,
    Complete,
    FindSuppressed,
    keep_record,
    nobody_suppressed,
)
from producers.importing.recognition import Decisions, FindPeople
from producers.importing.verdicts import RowOutcome, Summary
from producers.mappings.day_order_survey import AskOrder
from producers.mappings.mapping_model import Mapping
from roost.errors import Invalid
from roost.events.import_job import (
    AlikeEmployer,
    AlikePerson,
    ImportJob,
    ImportState,
    RowError,
)

LONGEST_MESSAGE = 500
"""Characters kept of a problem's message."""
MOST_REPORT_BYTES = 500_000
"""Bytes of rejected rows in a report; half of the largest record."""
SOURCE = "api"
"""Source of openings posted with POST /v1/openings: the same reference is the same opening."""
OPENINGS = KINDS["openings"]


async def keep_nothing() -> None:
    """Keep no decision: a dry run, an undo, or an import without decisions on employers."""


@dataclass(slots=True)
class Work:
    """One import: its job, its file, and the check of each row against the stored fact."""

    job: ImportJob
    upload: Upload
    authorise: Authorise
    complete: Complete = keep_record
    kind: Kind = OPENINGS
    mapping: Mapping | None = None
    """Mapping that reads the file; None if columns are named like fields."""
    find_suppressed: FindSuppressed = nobody_suppressed
    places: PlaceEvidence = field(default_factory=PlaceEvidence)
    find_people: FindPeople | None = None
    decisions: Decisions = field(default_factory=dict)
    """Decisions on rows whose person or employer is known."""
    log: RowLog = field(default_factory=NoRowLog)
    """Receiver of every row's outcome."""
    keeps_upload: bool = False
    """True if the file is kept after the end, because it belongs to a draft."""
    undo: Callable[[ExclusiveWrites, Callable[[Summary], None]], None] | None = None
    """Work of a job that takes an import back, in place of reading a file."""
    ask_order: AskOrder | None = None
    """Way to state the order of a column of days; None if the columns were asked about before."""
    find_employers: FindEmployers | None = None
    find_ends: FindEnds | None = None
    remembered: Callable[[], Decisions] = dict
    """Reads the decisions of former imports on names of employers when the import runs."""
    keep_decisions: Callable[[], Awaitable[None]] = keep_nothing
    """Keeps the decisions of this import for later ones. A refused import never runs, and keeps
    none."""
    reported: int = 0
    """Number of rejected rows that are published."""
    unreported: list[RowError] = field(default_factory=list)
    """Rejected rows to publish with the next report."""

    def end(self, state: ImportState, why: str = "", why_zh: str = "") -> None:
        """Set the job's final state and the reason in both languages."""
        self.job = self.job.model_copy(update={"state": state, "why": why, "why_zh": why_zh})


def too_many_rows(most: int) -> Invalid:
    """Return the error for an import with too many rows; the rows before are imported."""
    return Invalid(
        f"The file has more than {most:,} rows; send the rest in another file.",
        f"文件超过 {most} 行，其余部分请另行上传。",
    )


def counted(job: ImportJob, summary: Summary) -> ImportJob:
    """Return the running job with the counts of a summary."""
    return job.model_copy(
        update={
            "state": ImportState.RUNNING,
            "rows": max(job.rows, summary.read),
            "read": summary.read,
            "published": summary.published,
            "unchanged": summary.unchanged,
            "repeated": summary.repeated,
            "rejected": summary.rejected,
            "doubtful": summary.doubtful,
            "undecided": summary.undecided,
        }
    )


def fitting(errors: Sequence[RowError]) -> int:
    """Return how many of some rejected rows fit into one record; at least 1 if there are any."""
    size = 0
    for number, each in enumerate(errors[:1_000]):
        size += len(each.to_json())
        if size > MOST_REPORT_BYTES and number:
            return number
    return min(len(errors), 1_000)


def row_error(outcome: RowOutcome) -> RowError:
    """Return the place of a row left out, its problems, and what a decision is needed on.

    It holds ids, and names of employers; of people it holds no name.
    """
    people = outcome.people[:MOST_ALIKE]
    return RowError(
        row=outcome.row.line,
        sheet=outcome.row.sheet or None,
        problems=outcome.problems(LONGEST_MESSAGE),
        id=outcome.id or None if outcome.is_undecided else None,
        people=tuple(AlikePerson(id=each.id, signs=tuple(each.signs)) for each in people),
        employer=outcome.employer or None,
        employers=tuple(AlikeEmployer(id=each.id, name=each.name) for each in outcome.employers),
    )
