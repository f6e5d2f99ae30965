"""Facts of notes, of the texts of other reasons, and of interview details."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from roost import ids
from roost.events.envelope import Record, record
from roost.events.match import MatchAction
from roost.events.note import (
    MOST_EDITS,
    InterviewDetails,
    Note,
    NoteAbout,
    NoteEdit,
    NoteKind,
)
from roost.rules.interview_details import interview_note_id

API = "/api"
OBJECT_FIELD: Mapping[NoteAbout, str] = {
    NoteAbout.WORKER: "worker_id",
    NoteAbout.MATCH: "match_id",
    NoteAbout.OPENING: "opening_id",
    NoteAbout.EMPLOYER: "employer_id",
}
"""Field of a note with the id of its object."""


def note_id(about: NoteAbout, object_id: str, writer_id: str, seed: str) -> str:
    """Return the id of a note; a repeat under one seed is one note."""
    return ids.derive("j", "note", about.value, object_id, writer_id, seed)


def reason_id(action_id: str) -> str:
    """Return the id of the text of an action's reason."""
    return ids.derive("j", "reason", action_id)


def note_written(
    id: str,
    about: NoteAbout,
    object_id: str,
    text: str,
    *,
    by: str,
    at: datetime,
    worker_id: str | None = None,
) -> tuple[Note, Record]:
    """Record a note; `worker_id` is the worker of a match, with whom its notes are erased."""
    objects = {OBJECT_FIELD[about]: object_id} | ({"worker_id": worker_id} if worker_id else {})
    return _recorded(
        Note.model_validate(
            {"id": id, "about": about, "text": text, "by": by, "written_at": at} | objects
        ),
        at,
    )


def reason_given(action: MatchAction, text: str) -> tuple[Note, Record]:
    """Record the text of an action's reason."""
    return _of_action(action, reason_id(action.id), NoteKind.REASON, text=text)


def interview_described(action: MatchAction, details: InterviewDetails) -> tuple[Note, Record]:
    """Record the details of an interview; they replace the match's former ones."""
    id = interview_note_id(action.match_id)
    return _of_action(action, id, NoteKind.INTERVIEW, interview=details)


def note_edited(stored: Note, text: str, *, by: str, at: datetime) -> tuple[Note, Record]:
    """Record a new text of a note; the former one is not kept."""
    edits = (*stored.edits, NoteEdit(by=by, at=at))[-MOST_EDITS:]
    return _recorded(stored.model_copy(update={"text": text, "edits": edits}), at)


def note_removed(stored: Note, *, by: str, at: datetime) -> tuple[Note, Record]:
    """Record that the text of a note was removed; its author and times stay."""
    changes = {"text": None, "interview": None, "removed_by": by, "removed_at": at}
    return _recorded(stored.model_copy(update=changes), at)


def note_repeated(stored: Note) -> Record:
    """Return the record of a stored note, for a repeat that changes nothing."""
    return _recorded(stored, stored.written_at)[1]


def _of_action(
    action: MatchAction,
    id: str,
    kind: NoteKind,
    *,
    text: str | None = None,
    interview: InterviewDetails | None = None,
) -> tuple[Note, Record]:
    _, worker_id = ids.split_match_id(action.match_id)
    note = Note(
        id=id,
        kind=kind,
        about=NoteAbout.MATCH,
        worker_id=worker_id,
        match_id=action.match_id,
        action_id=action.id,
        text=text,
        interview=interview,
        by=action.actor.id,
        written_at=action.at,
    )
    return _recorded(note, action.at)


def _recorded(note: Note, at: datetime) -> tuple[Note, Record]:
    return note, record(note, note.id, source=API, at=at)
