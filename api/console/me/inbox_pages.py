"""A worker's inbox: newest first, read and unread, and what comes while it is open."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.me.who import worker_of
from api.console.shell.form_answers import WAIT_S, done
from api.console.shell.rendering import page, spoken, wants_part
from api.inbox import endpoints as inbox
from api.inbox.owners import Owner, owner
from api.inbox.schemas import Whose
from api.ports.services import Given, Services
from roost.events.account import Permission
from roost.events.common import NotificationId
from roost.events.receipt import ReceiptKind
from roost.topics import DELIVERIES

router = APIRouter(prefix="/console/me/inbox", include_in_schema=False)
Reads = Annotated[Principal, allow(Permission.INBOX_READ)]
Writes = Annotated[Principal, allow(Permission.INBOX_WRITE)]
HERE = "/console/me/inbox"
AT_ONCE = 20


@router.get("")
async def read(
    request: Request,
    who: Reads,
    given: Given,
    unread: bool = False,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    of = await _owner(request, who, given)
    if wants_part(request):
        # Asked for because something has come: a search finds it seconds later by itself.
        await given.elastic.refresh(DELIVERIES.name)
    found = await inbox.read(of=of, given=given, unread=unread, limit=AT_ONCE, cursor=cursor)
    only = "unread=true&" if unread else ""
    return page(
        request,
        "me/inbox_entries.html" if wants_part(request) else "me/inbox.html",
        entries=found.items,
        count=found.unread,
        unread=unread,
        worker=of.id,
        more=f"{HERE}?{only}cursor={found.next}" if found.next else None,
        done=request.query_params.get("done"),
    )


@router.post("/read")
async def read_all(request: Request, who: Writes, given: Given) -> Response:
    mine = await _owner(request, who, given)
    await inbox.read_all(of=mine, given=given, wait=WAIT_S, response=Response())
    return done(HERE, "read")


@router.post("/{id}/read")
async def read_one(id: NotificationId, request: Request, who: Writes, given: Given) -> Response:
    await inbox.receipt(
        notification=id,
        kind=ReceiptKind.READ,
        of=await _owner(request, who, given),
        given=given,
        wait=WAIT_S,
        response=Response(),
    )
    return done(HERE, "read")


async def _owner(request: Request, who: Principal, given: Services) -> Owner:
    return await owner(given.elastic, Whose.PROFILES, worker_of(who), spoken(request))
