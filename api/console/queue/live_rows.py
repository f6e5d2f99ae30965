"""A queue told live to one page: what changed, as rows that are ready to be put in.

Every event's id is where the topic was; a page that was away sends it and is told what it missed.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence

from fastapi import Request
from sse_starlette import ServerSentEvent

from api.access import requirements
from api.access.principal import Principal
from api.console.queue.filters import Filters, meets
from api.console.queue.queue_rows import rows_of
from api.console.shell.rendering import render
from api.live.hub import TooMuchMissed
from api.ports.live_messages import LiveChange
from api.ports.services import Services
from roost.errors import Invalid
from roost.events.envelope import decode
from roost.events.match import Match

TOGETHER_S = 0.05
"""Changes that come so close to each other are told together."""
MOST = 50
"""More rows at once than a page has: it is to ask anew."""
AGAIN_MS = 1_000


async def told(
    request: Request, given: Services, who: Principal, filters: Filters, since: str | None
) -> AsyncIterator[ServerSentEvent]:
    """`caught-up` first, with what was missed since then; and `changes` from then on.

    It ends when whoever watches may do so no longer.
    """
    still = await requirements.validity_check(request)
    telling = _Telling(request, given, who, filters)
    try:
        missed, position = await given.live.missed(filters.station, since or "")
    except TooMuchMissed as error:
        yield ServerSentEvent(event="anew", id=error.now, data="{}", retry=AGAIN_MS)
        missed, position = [], error.now
    yield await telling.event("caught-up", position, missed)
    async for changes in _together(given.live.watch(filters.station, position)):
        if not still():
            return
        yield await telling.event("changes", changes[-1].id, changes)


class _Telling:
    def __init__(self, request: Request, given: Services, who: Principal, filters: Filters) -> None:
        self._request = request
        self._given = given
        self._who = who
        self._filters = filters

    async def event(self, name: str, id: str, changes: Sequence[LiveChange]) -> ServerSentEvent:
        matches = _newest(changes)
        if len(matches) > MOST:
            data = json.dumps({"count": len(matches)})
            return ServerSentEvent(event="anew", id=id, data=data, retry=AGAIN_MS)
        now = self._given.clock.now()
        past = frozenset(
            each.id for each in matches if not meets(self._filters, each, self._who.id, now)
        )
        rows = await rows_of(self._given, self._who, matches, past)
        told = [
            {
                "id": row.dom,
                "revision": row.match.revision,
                "order": row.order,
                "past": row.past,
                "html": render(self._request, "queue/row.html", row=row),
            }
            for row in rows
        ]
        data = json.dumps({"count": len(told), "rows": told}, ensure_ascii=False)
        return ServerSentEvent(event=name, id=id, data=data, retry=AGAIN_MS)


def _newest(changes: Sequence[LiveChange]) -> list[Match]:
    """The last that is said of each match; what cannot be read is nobody's."""
    found: dict[str, Match] = {}
    for change in changes:
        try:
            match = decode(Match, change.data.encode("utf-8", "replace"))
        except Invalid:
            continue  # a stage has parked it
        found.pop(match.id, None)
        found[match.id] = match
    return list(found.values())


async def _together(changes: AsyncIterator[LiveChange]) -> AsyncIterator[list[LiveChange]]:
    """Changes in small lots: what comes within a moment after the first of them."""
    waiting: asyncio.Queue[LiveChange | None] = asyncio.Queue()

    async def take() -> None:
        async for change in changes:
            waiting.put_nowait(change)
        waiting.put_nowait(None)

    taking = asyncio.create_task(take())
    try:
        while (change := await waiting.get()) is not None:
            lot = [change]
            await asyncio.sleep(TOGETHER_S)
            while not waiting.empty() and (more := waiting.get_nowait()) is not None:
                lot.append(more)
            yield lot
    finally:
        taking.cancel()
        await asyncio.wait([taking])
