"""Live updates of one queue page: changed matches, as rendered rows to insert or replace.

The id of every event is a position in the topic. A page that reconnects sends its last id and
receives the rows it missed.
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
"""Changes within this time of each other are sent as one event."""
MOST_ROWS = 50
"""Above the size of a page, a reload is cheaper: the page is asked to reload instead."""
RETRY_MS = 1_000
RELOAD = "anew"
"""Event that asks the page to reload; the page's script knows it by this name."""


async def row_events(
    request: Request, given: Services, who: Principal, filters: Filters, since: str | None
) -> AsyncIterator[ServerSentEvent]:
    """Yield `caught-up` with the rows missed since a position, then `changes` as they come.

    The stream ends as soon as the caller may no longer watch.
    """
    still = await requirements.validity_check(request)
    renderer = _EventRenderer(request, given, who, filters)
    try:
        missed, position = await given.live.missed(filters.station, since or "")
    except TooMuchMissed as error:
        yield ServerSentEvent(event=RELOAD, id=error.now, data="{}", retry=RETRY_MS)
        missed, position = [], error.now
    yield await renderer.event("caught-up", position, missed)
    async for changes in _in_lots(given.live.watch(filters.station, position)):
        if not still():
            return
        yield await renderer.event("changes", changes[-1].id, changes)


class _EventRenderer:
    """Renderer of changed matches for one page and its filters."""

    def __init__(self, request: Request, given: Services, who: Principal, filters: Filters) -> None:
        self._request = request
        self._given = given
        self._who = who
        self._filters = filters

    async def event(self, name: str, id: str, changes: Sequence[LiveChange]) -> ServerSentEvent:
        """Return an event with the rendered rows, or one that asks for a reload."""
        matches = _newest_matches(changes)
        if len(matches) > MOST_ROWS:
            data = json.dumps({"count": len(matches)})
            return ServerSentEvent(event=RELOAD, id=id, data=data, retry=RETRY_MS)
        now = self._given.clock.now()
        past = frozenset(
            each.id for each in matches if not meets(self._filters, each, self._who.id, now)
        )
        rows = [
            {
                "id": row.dom,
                "revision": row.match.revision,
                "order": row.order,
                "past": row.past,
                "html": render(self._request, "queue/row.html", row=row),
            }
            for row in await rows_of(self._given, self._who, matches, past)
        ]
        data = json.dumps({"count": len(rows), "rows": rows}, ensure_ascii=False)
        return ServerSentEvent(event=name, id=id, data=data, retry=RETRY_MS)


def _newest_matches(changes: Sequence[LiveChange]) -> list[Match]:
    """Return the last version of each match; unreadable records are left out."""
    found: dict[str, Match] = {}
    for change in changes:
        try:
            match = decode(Match, change.data.encode("utf-8", "replace"))
        except Invalid:
            continue  # a stage sends it to the dead letters
        found.pop(match.id, None)
        found[match.id] = match
    return list(found.values())


async def _in_lots(changes: AsyncIterator[LiveChange]) -> AsyncIterator[list[LiveChange]]:
    """Yield changes in lots: one, and those that come within `TOGETHER_S` seconds after it."""
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
