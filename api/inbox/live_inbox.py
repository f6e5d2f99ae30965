"""Live events of an inbox, with each delivery rendered as an entry."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from sse_starlette import ServerSentEvent

from api.access.principal import Principal
from api.inbox import service
from api.inbox.owners import Owner
from api.live.concerns import inbox_of
from api.live.own_positions import OwnPositions
from api.live.streaming import event_stream
from api.ports.live_messages import LiveKind
from api.ports.services import Services


async def live_entries(
    given: Services,
    who: Principal,
    owner: Owner,
    last_id: str | None,
    still: Callable[[], bool],
    *,
    own: OwnPositions | None = None,
) -> AsyncIterator[ServerSentEvent]:
    """Yield `ready`, then `entry` for each new entry, and what else concerns the inbox.

    With `own`, ids serve their caller only (`event_stream`). The stream ends before the first entry
    that the caller may no longer read.
    """
    async for event in event_stream(given.live, inbox_of(owner.id), owner.id, last_id, still, own):
        if event.event != LiveKind.ENTRY:
            yield event
            continue
        if not await service.may_still_read(given, who, owner):
            return
        entry = await service.render_live_entry(given, owner, str(event.data).encode("utf-8"))
        yield ServerSentEvent(
            event=LiveKind.ENTRY.value,
            id=event.id,
            data=entry.model_dump_json(by_alias=True, exclude_none=True),
        )
