"""Pages of saved replies: the list, and the form of each; both work without scripts."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Request, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.queue import board
from api.console.shell.form_answers import redirect_done, submit_form
from api.console.shell.form_layout import Layout
from api.console.shell.forms import Form, blank
from api.console.shell.rendering import page
from api.ports.services import Given, Services
from api.saved_replies import service
from roost.events.account import Permission
from roost.events.common import StationId
from roost.events.saved_reply import SavedReply, SavedReplyContent, SavedReplyId

router = APIRouter(prefix="/console/saved-replies", include_in_schema=False)
Reads = Annotated[Principal, allow(Permission.NOTES_READ)]
Writes = Annotated[Principal, allow(Permission.NOTES_WRITE)]
HERE = "/console/saved-replies"
LAYOUT = Layout(texts=("title", "text"))


@router.get("")
async def list_replies(request: Request, who: Reads, given: Given) -> Response:
    """List the replies of every station within reach, with a link to add one to each."""
    stations = await board.stations_of(given, who)
    replies = service.replies_for(given, who)
    by_station = [
        (id, name, [each for each in replies if each.station_id == id]) for id, name in stations
    ]
    return page(request, "conversations/replies.html", stations=by_station)


@router.get("/stations/{id}/new")
async def show_new_reply(id: StationId, request: Request, who: Writes, given: Given) -> Response:
    """Show the form of a new reply. Raises NotFound for a station out of reach."""
    service.list_replies(given, who, id)
    return _form_page(request, f"{HERE}/stations/{id}/new", blank(), None)


@router.post("/stations/{id}/new")
async def add_reply(id: StationId, request: Request, who: Writes, given: Given) -> Response:
    """Save a reply, or show the form again with its errors."""
    action = partial(service.add_reply, given, who, id)
    added = await submit_form(request, LAYOUT, SavedReplyContent, action)
    if isinstance(added, Form):
        return _form_page(request, f"{HERE}/stations/{id}/new", added, None, 422)
    return redirect_done(HERE, "saved")


@router.get("/{id}")
async def show_reply(id: SavedReplyId, request: Request, who: Writes, given: Given) -> Response:
    """Show the form of a reply."""
    reply = _existing(given, who, id)
    shown = Form({"title": reply.title, "text": reply.text}, {})
    return _form_page(request, f"{HERE}/{id}", shown, reply)


@router.post("/{id}")
async def change_reply(id: SavedReplyId, request: Request, who: Writes, given: Given) -> Response:
    """Save the form of a reply, or show it again with its errors."""
    action = partial(service.change_reply, given, who, id)
    changed = await submit_form(request, LAYOUT, SavedReplyContent, action)
    if isinstance(changed, Form):
        return _form_page(request, f"{HERE}/{id}", changed, _existing(given, who, id), 422)
    return redirect_done(HERE, "saved")


@router.post("/{id}/remove")
async def remove_reply(id: SavedReplyId, who: Writes, given: Given) -> Response:
    """Remove a reply."""
    await service.remove_reply(given, who, id)
    return redirect_done(HERE, "removed")


def _existing(given: Services, who: Principal, id: str) -> SavedReply:
    return service.find_reply(given, who, id, Permission.NOTES_WRITE)


def _form_page(
    request: Request, action: str, form: Form, reply: SavedReply | None, status: int = 200
) -> Response:
    return page(
        request,
        "conversations/reply_form.html",
        status=status,
        action=action,
        form=form,
        reply=reply,
    )
