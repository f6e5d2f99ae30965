"""Pages of notes: all notes of an object, and the form of one note; both work without scripts."""

from __future__ import annotations

import secrets
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.notes.section import LAYOUT, PAGES, section_of
from api.console.shell.form_answers import WAIT_S, read_form, refilled_form
from api.console.shell.form_layout import Layout
from api.console.shell.forms import Form, catch_refusal
from api.console.shell.plain import checked
from api.console.shell.rendering import next_page, page
from api.lists.paging import Cursor
from api.notes import service as notes
from api.notes.schemas import NoteAnswer, NoteContent
from api.ports.services import Given, Services
from api.writes.publishing import Written, searchable_within
from producers.note_facts import OBJECT_FIELD
from roost.errors import RoostError
from roost.events.account import EmployerId, Permission
from roost.events.common import MatchId, NoteId, OpeningId, WorkerId
from roost.events.note import NoteAbout

router = APIRouter(prefix="/console", include_in_schema=False)
Reads = Annotated[Principal, allow(Permission.NOTES_READ)]
Writes = Annotated[Principal, allow(Permission.NOTES_WRITE)]
EDIT = Layout(texts=("text",))
AT_ONCE = 50


@router.get("/profiles/{id}/notes")
async def list_of_worker(
    id: WorkerId, request: Request, who: Reads, given: Given, cursor: Cursor = None
) -> Response:
    """Show all notes on a worker."""
    return await _list(request, given, who, NoteAbout.WORKER, id, cursor=cursor)


@router.post("/profiles/{id}/notes")
async def write_on_worker(id: WorkerId, request: Request, who: Writes, given: Given) -> Response:
    """Write a note on a worker."""
    return await _write(request, given, who, NoteAbout.WORKER, id)


@router.get("/matches/{id}/notes")
async def list_of_match(
    id: MatchId, request: Request, who: Reads, given: Given, cursor: Cursor = None
) -> Response:
    """Show all notes on a match."""
    return await _list(request, given, who, NoteAbout.MATCH, id, cursor=cursor)


@router.post("/matches/{id}/notes")
async def write_on_match(id: MatchId, request: Request, who: Writes, given: Given) -> Response:
    """Write a note on a match."""
    return await _write(request, given, who, NoteAbout.MATCH, id)


@router.get("/employer/openings/{id}/notes")
async def list_of_opening(
    id: OpeningId, request: Request, who: Reads, given: Given, cursor: Cursor = None
) -> Response:
    """Show all notes on an opening."""
    return await _list(request, given, who, NoteAbout.OPENING, id, cursor=cursor)


@router.post("/employer/openings/{id}/notes")
async def write_on_opening(id: OpeningId, request: Request, who: Writes, given: Given) -> Response:
    """Write a note on an opening."""
    return await _write(request, given, who, NoteAbout.OPENING, id)


@router.get("/employers/{id}/notes")
async def list_of_employer(
    id: EmployerId, request: Request, who: Reads, given: Given, cursor: Cursor = None
) -> Response:
    """Show all notes on an employer."""
    return await _list(request, given, who, NoteAbout.EMPLOYER, id, cursor=cursor)


@router.post("/employers/{id}/notes")
async def write_on_employer(
    id: EmployerId, request: Request, who: Writes, given: Given
) -> Response:
    """Write a note on an employer."""
    return await _write(request, given, who, NoteAbout.EMPLOYER, id)


@router.get("/notes/{id}")
async def show_note(id: NoteId, request: Request, who: Reads, given: Given) -> Response:
    """Show a note with the form that edits it."""
    note = await notes.find_note(given, who, id)
    return _note(request, note, Form({"text": note.text or ""}, {}))


@router.post("/notes/{id}")
async def edit_note(id: NoteId, request: Request, who: Writes, given: Given) -> Response:
    """Replace the text of a note, or show the form with its errors."""
    typed = await read_form(request, EDIT)

    async def edit() -> Written:
        content = checked(NoteContent, EDIT.wire(typed))
        return await notes.edit_note(given, who, id, content)

    written = await catch_refusal(edit())
    if isinstance(written, RoostError):
        note = await notes.find_note(given, who, id)
        form = refilled_form(request, EDIT, typed, written)
        return _note(request, note, form, status=written.status)
    return await _done(given, who, written, id, "note_saved")


@router.post("/notes/{id}/remove")
async def remove_note(id: NoteId, request: Request, who: Writes, given: Given) -> Response:
    """Remove the text of a note."""
    written = await notes.remove_note(given, who, id)
    return await _done(given, who, written, id, "note_removed")


async def _list(
    request: Request,
    given: Services,
    who: Principal,
    about: NoteAbout,
    id: str,
    *,
    cursor: str | None = None,
    form: Form | None = None,
    status: int = 200,
) -> Response:
    found = await notes.list_notes(given, who, about, id, limit=AT_ONCE, cursor=cursor)
    return page(
        request,
        "notes/list.html",
        status=status,
        notes=section_of(about, _in_path(id), found, form),
        more=next_page(request, found.next),
    )


async def _write(
    request: Request, given: Services, who: Principal, about: NoteAbout, id: str
) -> Response:
    """Write the note of a form, once for each form; show the form with its errors if any."""
    typed = await read_form(request, LAYOUT)

    async def write() -> Written:
        content = checked(NoteContent, {"text": typed["text"]} if typed["text"] else {})
        seed = f"form {typed['seed']}" if typed["seed"] else secrets.token_hex(16)
        return await notes.write_note(given, who, about, id, content, seed=seed)

    written = await catch_refusal(write())
    if isinstance(written, RoostError):
        form = refilled_form(request, LAYOUT, typed, written)
        return await _list(request, given, who, about, id, form=form, status=written.status)
    await searchable_within(given, written, WAIT_S)
    return _redirect(about, id, "note_saved")


def _note(request: Request, note: NoteAnswer, form: Form, status: int = 200) -> Response:
    back = PAGES[note.about].format(id=_in_path(_object_of(note)))
    return page(request, "notes/note.html", status=status, note=note, form=form, back=back)


async def _done(
    given: Services, who: Principal, written: Written, id: str, what: str
) -> RedirectResponse:
    """Redirect to the notes of the object once searches find the change."""
    await searchable_within(given, written, WAIT_S)
    note = await notes.find_note(given, who, id)
    return _redirect(note.about, _object_of(note), what)


def _object_of(note: NoteAnswer) -> str:
    return str(getattr(note, OBJECT_FIELD[note.about]))


def _redirect(about: NoteAbout, id: str, what: str) -> RedirectResponse:
    return RedirectResponse(f"{PAGES[about].format(id=_in_path(id))}?done={what}#notes", 303)


def _in_path(id: str) -> str:
    """Return an id for a path; those of employers may hold letters of any script."""
    return quote(id, safe=":.")
