"""Requests and responses of notes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from api.lists.totals import TotalField
from roost.events.account import EmployerId
from roost.events.common import MatchId, Model, NoteId, OpeningId, Text, WorkerId
from roost.events.note import LONGEST_NOTE, InterviewDetails, NoteAbout, NoteEdit, NoteKind

NoteText = Annotated[
    Text, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NOTE)
]


class NoteContent(Model):
    """Text of a note. The worker whom it is about may read it."""

    text: NoteText


class NoteAnswer(Model):
    """A note, the text of another reason, or the details of an interview."""

    id: NoteId
    kind: NoteKind
    about: NoteAbout
    worker_id: WorkerId | None = None
    match_id: MatchId | None = None
    opening_id: OpeningId | None = None
    employer_id: EmployerId | None = None
    action_id: str | None = Field(None, description="action that the reason or interview is of")
    text: str | None = Field(None, description="absent once it is removed")
    interview: InterviewDetails | None = None
    by: str = Field(description="account or key that wrote it")
    by_name: str = Field(description="name of the author, if an account here wrote it")
    written_at: datetime
    edits: Sequence[NoteEdit] = ()
    removed_by: str | None = None
    removed_at: datetime | None = None
    may_edit: bool = Field(description="whether the caller may edit the text")
    may_remove: bool = Field(description="whether the caller may remove it")
    version: int


class NotePage(Model):
    """Page of the notes on one object, newest first."""

    items: Sequence[NoteAnswer]
    next: str | None = None
    total: TotalField = None
