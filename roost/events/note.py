"""Texts of people about a worker, a match, an opening or an employer: notes, reasons, interviews.

A note (备注) is what staff write about one of these. The text of a decline for another reason, and
the place, contact and documents of an interview, are stored in the same way: the topic of actions
is append-only and holds no text. The topic `notes` is compacted, and every text has its own key, so
that each can be erased alone; the texts that concern a worker are erased with the worker.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from roost.events.account import EmployerId
from roost.events.common import Line, MatchId, Model, NoteId, OpeningId, Text, WorkerId
from roost.events.match import ActorId

LONGEST_NOTE = 1_000
"""Maximum length of a note in characters."""
LONGEST_REASON = 200
"""Maximum length of the text of another reason, in characters."""
MOST_EDITS = 20
"""Newest edits whose time and author a note keeps."""


class NoteKind(StrEnum):
    """Kind of text."""

    NOTE = "note"
    REASON = "reason"
    """Text of a decline for another reason."""
    INTERVIEW = "interview"
    """Place, contact and documents of a match's interview."""


class NoteAbout(StrEnum):
    """Kind of object that a note is about."""

    WORKER = "worker"
    MATCH = "match"
    OPENING = "opening"
    EMPLOYER = "employer"


class InterviewDetails(Model):
    """Place, contact and documents of an interview; its time belongs to the action."""

    place: Annotated[Line, Field(max_length=120)] | None = Field(
        None, description="address, room or meeting point"
    )
    contact: Annotated[Line, Field(max_length=80)] | None = Field(
        None, description="person to ask for, with a telephone number"
    )
    documents: Annotated[Line, Field(max_length=160)] | None = Field(
        None, description="documents and things to bring"
    )

    @property
    def is_empty(self) -> bool:
        """Whether nothing is stated."""
        return not (self.place or self.contact or self.documents)


class NoteEdit(Model):
    """Author and time of an edit; the former text is not kept."""

    by: ActorId
    at: datetime


class Note(Model):
    """Text of one author about one object, as stored in the topic `notes`.

    A removed note keeps its author and times, and neither text nor details.
    """

    id: NoteId
    kind: NoteKind = NoteKind.NOTE
    about: NoteAbout
    worker_id: WorkerId | None = Field(None, description="worker whom it concerns")
    match_id: MatchId | None = None
    opening_id: OpeningId | None = None
    employer_id: EmployerId | None = None
    action_id: str | None = Field(
        None, description="action on the match that the reason or the interview belongs to"
    )
    text: Annotated[Text, Field(min_length=1, max_length=LONGEST_NOTE)] | None = None
    interview: InterviewDetails | None = None
    by: ActorId = Field(description="id of the account or key that wrote it")
    written_at: datetime
    edits: tuple[NoteEdit, ...] = Field(
        (), max_length=MOST_EDITS, description="newest edits, oldest first, without the texts"
    )
    removed_by: ActorId | None = None
    removed_at: datetime | None = None

    @property
    def is_removed(self) -> bool:
        """Whether its author or a chief has removed the text."""
        return self.removed_at is not None

    @property
    def object_id(self) -> str:
        """Id of the object that it is about."""
        ids = {
            NoteAbout.WORKER: self.worker_id,
            NoteAbout.MATCH: self.match_id,
            NoteAbout.OPENING: self.opening_id,
            NoteAbout.EMPLOYER: self.employer_id,
        }
        return ids[self.about] or ""
