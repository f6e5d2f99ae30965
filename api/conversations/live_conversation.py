"""Live changes of one conversation: a message written, settled or delivered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable

import structlog
from sse_starlette import ServerSentEvent

from api.access import belonging
from api.access.principal import Principal
from api.live.concerns import conversation_of
from api.live.streaming import event_stream
from api.ports.live_messages import LiveKind
from api.ports.services import Services
from api.writes.publishing import poll
from roost.errors import NotFound
from roost.events.account import Permission
from roost.topics import CONVERSATIONS
from roost.views.elastic import Json

_log = structlog.get_logger(__name__)
IN_VIEW_WITHIN_S = 10.0
"""Longest wait for the view; then the change is sent anyway, since losing it is worse."""


async def live_messages(
    given: Services, who: Principal, id: str, last_id: str | None, still: Callable[[], bool]
) -> AsyncIterator[ServerSentEvent]:
    """Return the events of a worker's conversation. Raises NotFound if it is out of reach."""
    await belonging.profile(given, who, Permission.INBOX_READ, id)
    return _events(given, who, id, last_id, still)


async def _events(
    given: Services, who: Principal, id: str, last_id: str | None, still: Callable[[], bool]
) -> AsyncIterator[ServerSentEvent]:
    """Yield each change once the views show it; end when the caller may no longer read it."""
    async for event in event_stream(given.live, conversation_of(id), id, last_id, still):
        if event.event == LiveKind.MESSAGE:
            if not await _may_still_read(given, who, id):
                return
            await _in_view(given, json.loads(str(event.data)))
        yield event


async def _in_view(given: Services, changed: Json) -> None:
    """Wait until the view shows a change: the page reads it next."""

    def shows(document: Json | None) -> bool:
        if document is None:
            return False
        if changed["view"] != CONVERSATIONS.name:
            return bool(document["version"] >= changed["version"])
        is_settled = "settledAt" in document.get("fact", {})
        return bool(document.get("erased") or is_settled or not changed["settled"])

    try:
        async with asyncio.timeout(IN_VIEW_WITHIN_S):
            await poll(given.elastic, changed["view"], changed["id"], shows)
    except TimeoutError:
        _log.warning("message_sent_before_searchable", id=changed["id"])


async def _may_still_read(given: Services, who: Principal, id: str) -> bool:
    try:
        await belonging.profile(given, who, Permission.INBOX_READ, id)
    except NotFound:
        return False
    return True
