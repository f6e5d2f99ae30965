"""Endpoints of notes: list and write on each kind of object; read, edit and remove one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.guards.conditional import IfMatch, tagged
from api.guards.idempotency.key_header import Seed
from api.lists.answer_schemas import tagged_answer
from api.lists.paging import Cursor, Limit
from api.lists.totals import Total
from api.notes import service
from api.notes.schemas import NoteAnswer, NoteContent, NotePage
from api.ports.services import Given
from api.writes.publishing import Accepted, Wait, Written, answered
from roost.events.account import EmployerId, NewEmployerId, Permission
from roost.events.common import MatchId, NoteId, OpeningId, WorkerId
from roost.events.note import NoteAbout

router = APIRouter(prefix="/v1", tags=["notes"])
Reads = Annotated[Principal, allow(Permission.NOTES_READ)]
Writes = Annotated[Principal, allow(Permission.NOTES_WRITE)]
Content = Annotated[NoteContent, Body(examples=[{"text": "周三以后致电，白天不便接听。"}])]


@router.get("/profiles/{id}/notes", summary="List the notes on a worker, newest first")
async def list_notes_of_worker(
    id: WorkerId,
    who: Reads,
    given: Given,
    limit: Limit = 50,
    cursor: Cursor = None,
    total: Total = False,
) -> NotePage:
    """Return the notes on a worker whom the caller reaches now; the worker's export has them too.

    Notes on the worker's matches are listed with each match.
    """
    return await service.list_notes(
        given, who, NoteAbout.WORKER, id, limit=limit, cursor=cursor, total=total
    )


@router.post("/profiles/{id}/notes", status_code=202, summary="Write a note on a worker")
async def write_note_on_worker(
    id: WorkerId,
    content: Content,
    who: Writes,
    given: Given,
    wait: Wait,
    response: Response,
    seed: Seed,
) -> Accepted:
    """Write a note on a worker, who may read it; there are at most 100.

    A repeat under one `Idempotency-Key` is one note.
    """
    written = await service.write_note(given, who, NoteAbout.WORKER, id, content, seed=seed)
    return await _accepted(given, written, wait, response)


@router.get("/matches/{id}/notes", summary="List the notes on a match, newest first")
async def list_notes_of_match(
    id: MatchId,
    who: Reads,
    given: Given,
    limit: Limit = 50,
    cursor: Cursor = None,
    total: Total = False,
) -> NotePage:
    """Return notes, texts of other reasons and interview details of a match.

    Once the match has ended, only callers who reach its worker read them.
    """
    return await service.list_notes(
        given, who, NoteAbout.MATCH, id, limit=limit, cursor=cursor, total=total
    )


@router.post("/matches/{id}/notes", status_code=202, summary="Write a note on a match")
async def write_note_on_match(
    id: MatchId,
    content: Content,
    who: Writes,
    given: Given,
    wait: Wait,
    response: Response,
    seed: Seed,
) -> Accepted:
    """Write a note on a match; its worker may read it. A repeat under one key is one note."""
    written = await service.write_note(given, who, NoteAbout.MATCH, id, content, seed=seed)
    return await _accepted(given, written, wait, response)


@router.get("/openings/{id}/notes", summary="List the notes on an opening, newest first")
async def list_notes_of_opening(
    id: OpeningId,
    who: Reads,
    given: Given,
    limit: Limit = 50,
    cursor: Cursor = None,
    total: Total = False,
) -> NotePage:
    """Return the notes on an opening; its employer does not see them."""
    return await service.list_notes(
        given, who, NoteAbout.OPENING, id, limit=limit, cursor=cursor, total=total
    )


@router.post("/openings/{id}/notes", status_code=202, summary="Write a note on an opening")
async def write_note_on_opening(
    id: OpeningId,
    content: Content,
    who: Writes,
    given: Given,
    wait: Wait,
    response: Response,
    seed: Seed,
) -> Accepted:
    """Write a note on an opening. Name no worker: the erasure of one does not find it here."""
    written = await service.write_note(given, who, NoteAbout.OPENING, id, content, seed=seed)
    return await _accepted(given, written, wait, response)


@router.get("/employers/{id}/notes", summary="List the notes on an employer, newest first")
async def list_notes_of_employer(
    id: EmployerId,
    who: Reads,
    given: Given,
    limit: Limit = 50,
    cursor: Cursor = None,
    total: Total = False,
) -> NotePage:
    """Return the notes on an employer; the employer does not see them."""
    return await service.list_notes(
        given, who, NoteAbout.EMPLOYER, id, limit=limit, cursor=cursor, total=total
    )


@router.post("/employers/{id}/notes", status_code=202, summary="Write a note on an employer")
async def write_note_on_employer(
    id: NewEmployerId,
    content: Content,
    who: Writes,
    given: Given,
    wait: Wait,
    response: Response,
    seed: Seed,
) -> Accepted:
    """Write a note on an employer. Name no worker: the erasure of one does not find it here."""
    written = await service.write_note(given, who, NoteAbout.EMPLOYER, id, content, seed=seed)
    return await _accepted(given, written, wait, response)


@router.get("/notes/{id}", summary="Read a note", responses=tagged_answer())
async def read_note(id: NoteId, who: Reads, given: Given, response: Response) -> NoteAnswer:
    """Return one note; a removed one keeps its author and times, without the text."""
    found = await service.find_note(given, who, id)
    tagged(response, found.version)
    return found


@router.put("/notes/{id}", status_code=202, summary="Replace the text of a note or reason")
async def edit_note(
    id: NoteId,
    content: Content,
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    """Replace the text; the former one is not kept. Only its author or a chief may do so.

    The details of an interview are changed by arranging it again, which notifies the worker.
    """
    written = await service.edit_note(given, who, id, content, expected)
    return await _accepted(given, written, wait, response)


@router.delete("/notes/{id}", status_code=202, summary="Remove the text of a note")
async def remove_note(
    id: NoteId,
    who: Writes,
    given: Given,
    expected: IfMatch,
    wait: Wait,
    response: Response,
) -> Accepted:
    """Remove a note, a reason or interview details; author and times stay, without the text."""
    written = await service.remove_note(given, who, id, expected)
    return await _accepted(given, written, wait, response)


async def _accepted(given: Given, written: Written, wait: float, response: Response) -> Accepted:
    return await answered(given, written, f"/v1/notes/{written.record.key}", wait, response)
