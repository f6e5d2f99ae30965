"""Endpoints of stops: the page behind a stop link, forwarded replies, and a worker's stop."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Response
from fastapi.responses import HTMLResponse

from api.access.principal import Principal
from api.access.requirements import allow
from api.guards.conditional import digest_of, tagged
from api.lists.answer_schemas import tagged_answer
from api.ports.services import Given
from api.stop import page, service
from api.stop.schemas import Reply, ReplyResult, StopState
from api.writes.publishing import Accepted, Wait, Written, answered
from roost.contact import stop_links
from roost.events.account import Permission
from roost.events.common import WorkerId

router = APIRouter(prefix="/v1", tags=["stop"])
PAGE: Any = {"text/html": {"schema": {"type": "string"}}}
PAGES: dict[int | str, dict[str, Any]] = {
    202: {"description": "Accepted; in force in a moment", "content": PAGE},
    404: {"description": "The link is incomplete", "content": {"text/html": {}}},
}
EXAMPLE = {
    "channel": "sms",
    "address": "+8613800138000",
    "text": "退订",
    "messageId": "SM-20261130-118",
}


def _signed(token: Annotated[str, Path(max_length=100)], given: Given) -> str:
    """Return the recipient of a signed link. Raises WrongLink."""
    return stop_links.recipient_of(given.key, token)


Signed = Annotated[str, Depends(_signed)]
Reads = Annotated[Principal, allow(Permission.PROFILES_READ)]
Writes = Annotated[Principal, allow(Permission.PROFILES_WRITE)]
Forwards = Annotated[Principal, allow(Permission.REPLIES_FORWARD, everywhere=True)]


@router.get(
    "/stop/{token}",
    response_class=HTMLResponse,
    responses=PAGES,
    summary="Show the page behind a stop link",
)
async def show_confirmation(recipient_id: Signed) -> HTMLResponse:
    """Show a button; opening the link changes nothing, since mail scanners open every link."""
    return page.confirmation_page(to_worker=recipient_id.startswith("w-"))


@router.post(
    "/stop/{token}",
    response_class=HTMLResponse,
    responses=PAGES,
    summary="Stop by a link (RFC 8058)",
)
async def stop_by_link(recipient_id: Signed, given: Given) -> HTMLResponse:
    """Stop all messages: the page's button, or a mail program (`List-Unsubscribe=One-Click`).

    Repeating the request changes nothing.
    """
    in_force = await service.stop_by_link(given, recipient_id)
    return page.stopped_page(in_force=in_force, to_worker=recipient_id.startswith("w-"))


@router.post("/replies", summary="Forward a reply to a message")
async def forward_reply(
    reply: Annotated[Reply, Body(examples=[EXAMPLE])], who: Forwards, given: Given
) -> ReplyResult:
    """Stop messages to every recipient with this address if the text is a stop word (退订, STOP …).

    Any other text becomes a message in the conversation of the worker with this address, where a
    clerk answers. The answer is the same if no worker has it, also to a stop word from a key that
    may not read profiles. Send the gateway's `messageId`, or
    the time `receivedAt`: a repeat is then recognised. Without either, a second reply of the day
    with the same text is kept and marked.
    """
    return ReplyResult(stopped=await service.forward_reply(given, who, reply))


@router.get(
    "/profiles/{id}/stop",
    summary="Read whether a worker has stopped all messages",
    responses=tagged_answer(),
)
async def read_stop(id: WorkerId, who: Reads, given: Given, response: Response) -> StopState:
    """Return the state, and the time and origin of its last change."""
    found = await service.find_stop(given, who, id)
    tagged(response, digest_of(found))
    return found


@router.put("/profiles/{id}/stop", status_code=202, summary="Stop all messages to a worker")
async def stop(id: WorkerId, who: Writes, given: Given, wait: Wait, response: Response) -> Accepted:
    """Stop all messages on the worker's behalf."""
    return await _accepted(given, await service.stop_messages(given, who, id), wait, response)


@router.delete("/profiles/{id}/stop", status_code=202, summary="Resume messages to a worker")
async def resume(
    id: WorkerId, who: Writes, given: Given, wait: Wait, response: Response
) -> Accepted:
    """Resume messages; only at the worker's own request."""
    return await _accepted(given, await service.resume_messages(given, who, id), wait, response)


async def _accepted(given: Given, written: Written, wait: float, response: Response) -> Accepted:
    where = f"/v1/profiles/{written.record.key}/stop"
    return await answered(given, written, where, wait, response)
