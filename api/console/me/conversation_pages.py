"""Page of a worker's conversation with the station that serves them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.conversations import thread
from api.console.me.who import worker_of
from api.console.shell.forms import Form
from api.lists.paging import Cursor
from api.ports.services import Given
from roost.events.account import Permission

router = APIRouter(prefix="/console/me/conversation", include_in_schema=False)
Reads = Annotated[Principal, allow(Permission.INBOX_READ)]
Writes = Annotated[Principal, allow(Permission.INBOX_WRITE)]
HERE = "/console/me/conversation"
TEMPLATE = "me/conversation.html"


@router.get("")
async def show_own(request: Request, who: Reads, given: Given, cursor: Cursor = None) -> Response:
    """Show the conversation."""
    id = worker_of(who)
    return await thread.show_thread(request, given, who, id, TEMPLATE, cursor=cursor, action=HERE)


@router.post("")
async def write(request: Request, who: Writes, given: Given) -> Response:
    """Write to the station, or show the form with its errors."""
    id = worker_of(who)
    sent = await thread.send_message(request, given, who, id, HERE)
    if isinstance(sent, Form):
        return await thread.show_thread(
            request, given, who, id, TEMPLATE, form=sent, status=422, action=HERE
        )
    return sent
