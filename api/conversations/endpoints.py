"""Endpoints of conversations: read one, write, close, and list the waiting workers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.conversations import service, waiting_workers
from api.conversations.schemas import (
    Closed,
    Closing,
    ConversationPage,
    NewMessage,
    WaitingWorkers,
)
from api.guards.idempotency.key_header import Seed
from api.lists.paging import Cursor, Limit
from api.lists.totals import Total
from api.ports.services import Given
from api.writes.publishing import Accepted, Wait, answered
from roost.events.account import Permission
from roost.events.common import WorkerId

router = APIRouter(prefix="/v1", tags=["conversations"])
Reads = Annotated[Principal, allow(Permission.INBOX_READ)]
Writes = Annotated[Principal, allow(Permission.INBOX_WRITE)]
EXAMPLE = {"text": "面试改到周四上午九点，请带身份证。"}


@router.get("/conversations", summary="List workers whose messages wait for a clerk")
async def list_waiting(
    who: Reads, given: Given, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> WaitingWorkers:
    """Return the workers within the caller's reach, the longest waiting first."""
    return await waiting_workers.list_waiting(given, who, limit=limit)


@router.get("/profiles/{id}/conversation", summary="Read a worker's conversation, newest first")
async def read_conversation(
    id: WorkerId,
    who: Reads,
    given: Given,
    limit: Limit = 50,
    cursor: Cursor = None,
    total: Total = False,
) -> ConversationPage:
    """Return a page of messages, with the delivery of the station's."""
    return await service.read_conversation(given, who, id, limit=limit, cursor=cursor, total=total)


@router.post(
    "/profiles/{id}/conversation", status_code=202, summary="Write a message in a conversation"
)
async def write_message(
    id: WorkerId,
    content: Annotated[NewMessage, Body(examples=[EXAMPLE])],
    who: Writes,
    given: Given,
    wait: Wait,
    response: Response,
    seed: Seed,
) -> Accepted:
    """Write as the worker, or answer as the station, on the worker's channel.

    One `Idempotency-Key` is one message. An answer follows the worker's stop, quiet hours and
    confirmed addresses as every notification does.
    """
    written = await service.write_message(given, who, id, content, seed=seed)
    return await answered(given, written, f"/v1/profiles/{id}/conversation", wait, response)


@router.post("/profiles/{id}/conversation/close", summary="Close messages without an answer")
async def close_messages(id: WorkerId, content: Closing, who: Writes, given: Given) -> Closed:
    """Close the open messages that need no answer."""
    return Closed(closed=len(await service.close_messages(given, who, id, content.through)))
