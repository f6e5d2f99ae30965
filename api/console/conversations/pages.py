"""Pages of conversations for staff: the workers who wait, and the conversation with one worker."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.access.principal import Principal
from api.access.requirements import Still, allow
from api.console.conversations import thread
from api.console.conversations.waiting_replies import shown_count
from api.console.shell.forms import Form
from api.console.shell.rendering import page
from api.console.shell.shared_streams import Shared
from api.conversations import waiting_workers
from api.conversations.live_conversation import live_messages
from api.lists.paging import Cursor
from api.live.merging import MOST_PARTS, merged
from api.live.streaming import RETRY_MS, LiveResponse
from api.ports.services import Given, Services
from api.profiles import service as profiles
from api.saved_replies import service as saved_replies
from roost.events.account import Permission
from roost.events.common import WorkerId
from roost.events.saved_reply import SavedReplyId

router = APIRouter(prefix="/console", include_in_schema=False)
Reads = Annotated[Principal, allow(Permission.INBOX_READ)]
Writes = Annotated[Principal, allow(Permission.INBOX_WRITE)]
Chosen = Annotated[SavedReplyId | None, Query()]
OWN = "/console/me/conversation"
AT_ONCE = 50


@router.get("/conversations")
async def list_waiting(request: Request, who: Reads, given: Given) -> Response:
    """List the workers whose messages wait, the longest waiting first."""
    found = await waiting_workers.list_waiting(given, who, limit=AT_ONCE)
    return page(request, "conversations/list.html", found=found)


@router.get("/conversations/count")
async def show_count(request: Request, who: Reads, given: Given) -> Response:
    """Show the number of waiting workers; the menu of every page loads it."""
    return page(request, "conversations/count.html", n=await shown_count(given, who))


@router.get("/conversations/events")
async def stream_messages(
    who: Reads,
    given: Given,
    still: Still,
    shared: Shared,
    of: Annotated[list[WorkerId], Query(max_length=MOST_PARTS)],
) -> LiveResponse:
    """Stream the changes of each open conversation; `of` names its worker."""
    positions = shared.since_of(len(of))
    events = [
        await live_messages(given, who, id, since, still)
        for id, since in zip(of, positions, strict=True)
    ]
    return LiveResponse(merged(events, RETRY_MS), given.streams, who.counted_as)


@router.get("/profiles/{id}/conversation")
async def show_conversation(
    id: WorkerId,
    request: Request,
    who: Reads,
    given: Given,
    cursor: Cursor = None,
    reply: Chosen = None,
) -> Response:
    """Show the conversation with a worker; workers have another page.

    `reply` is a saved reply to begin the answer with.
    """
    if who.worker_id == id:
        return RedirectResponse(OWN, 303)
    text = saved_replies.find_reply(given, who, reply).text if reply else ""
    return await _show(request, who, given, id, cursor=cursor, text=text)


@router.post("/profiles/{id}/conversation")
async def answer(id: WorkerId, request: Request, who: Writes, given: Given) -> Response:
    """Answer a worker, or show the form with its errors."""
    sent = await thread.send_message(request, given, who, id, _path(id))
    if isinstance(sent, Form):
        return await _show(request, who, given, id, form=sent, status=422)
    return sent


@router.post("/profiles/{id}/conversation/close")
async def close(id: WorkerId, request: Request, who: Writes, given: Given) -> Response:
    """Close the messages that need no answer."""
    return await thread.close_messages(request, given, who, id, _path(id))


async def _show(
    request: Request,
    who: Principal,
    given: Services,
    id: str,
    *,
    form: Form | None = None,
    status: int = 200,
    cursor: str | None = None,
    text: str = "",
) -> Response:
    profile = (await profiles.find_profile(given, who, id))["fact"]
    return await thread.show_thread(
        request,
        given,
        who,
        id,
        "conversations/page.html",
        form=form,
        status=status,
        cursor=cursor,
        text=text,
        replies=saved_replies.replies_for(given, who),
        name=profile.get("name"),
        action=_path(id),
    )


def _path(id: str) -> str:
    return f"/console/profiles/{id}/conversation"
