"""Live updates of one queue page: changed matches, as rendered rows to insert or replace.

The id of every event is a position in the topics. A page that reconnects sends its last id and
receives the rows it missed. Matches that have left the station, and those of erased people, are
named in `gone`, so that the page removes them. On a page by person a row names its group, and
brings it along if the match meets the filters, for a page that does not show that person yet.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from sse_starlette import ServerSentEvent

from api.access.principal import Principal
from api.console.queue.filters import Filters, meets
from api.console.queue.people import PersonGroup, group_id, groups_around, is_member
from api.console.queue.queue_rows import QueueRow, dom_id, rows_of
from api.console.shell.rendering import render
from api.live.concerns import queue_of
from api.live.hub import TooMuchMissed
from api.ports.live_messages import LiveChange, LiveKind
from api.ports.services import Services
from roost.errors import Invalid
from roost.events.envelope import decode
from roost.events.match import Match

TOGETHER_S = 0.05
"""Changes within this time of each other are sent as one event."""
MOST_ROWS = 50
"""Above the size of a page, a reload is cheaper: the page is asked to reload instead."""
RETRY_MS = 1_000
RELOAD = "reload"
"""Event that asks the page to reload; the page's script knows it by this name."""
Json = dict[str, Any]


async def row_events(
    request: Request,
    given: Services,
    who: Principal,
    filters: Filters,
    since: str | None,
    still: Callable[[], bool],
) -> AsyncIterator[ServerSentEvent]:
    """Yield `caught-up` with the rows missed since a position, then `changes` as they come.

    The stream ends as soon as the caller may no longer watch.
    """
    renderer = EventRenderer(request, given, who, filters)
    channels = [queue_of(each) for each in filters.stations]
    try:
        missed, position = await given.live.missed(channels, since or "")
    except TooMuchMissed as error:
        yield _reload(error.now, {"missed": True})
        missed, position = [], error.now
    yield await renderer.event("caught-up", position, missed)
    async for changes in _in_lots(given.live.watch(channels, position, still)):
        if not still():
            return
        yield await renderer.event("changes", changes[-1].id, changes)


async def no_rows() -> AsyncIterator[ServerSentEvent]:
    """Yield one request to reload, for a page whose station is out of reach; then nothing."""
    yield _reload("", {"missed": True})
    await asyncio.Event().wait()


@dataclass(slots=True)
class Lot:
    """Changes that are sent as one event: the last version of each match, and what has gone."""

    matches: dict[str, Match] = field(default_factory=dict)
    gone: list[Json] = field(default_factory=list)
    reload: bool = False


class EventRenderer:
    """Renderer of changed matches for one page and its filters."""

    def __init__(self, request: Request, given: Services, who: Principal, filters: Filters) -> None:
        self._request = request
        self._given = given
        self._who = who
        self._filters = filters

    async def event(self, name: str, id: str, changes: Sequence[LiveChange]) -> ServerSentEvent:
        """Return an event with the rendered rows, or one that asks for a reload."""
        lot = lot_of(changes)
        if lot.reload or len(lot.matches) > MOST_ROWS:
            count = len(lot.matches)
            return _reload(id, {"count": count, "missed": lot.reload, "gone": lot.gone})
        rows = await self._rows(lot.matches)
        content = {"count": len(rows), "rows": rows, "gone": lot.gone}
        data = json.dumps(content, ensure_ascii=False)
        return ServerSentEvent(event=name, id=id, data=data, retry=RETRY_MS)

    async def _rows(self, matches: Mapping[str, Match]) -> list[Json]:
        """Return the rendered rows of changed matches, with the groups of their people."""
        by_person, now = self._filters.by_person, self._given.clock.now()
        off = frozenset(
            id for id, each in matches.items() if not meets(self._filters, each, self._who.id, now)
        )
        stays = {id for id, each in matches.items() if is_member(self._filters, each)}
        past = off - stays if by_person else off
        rows = await rows_of(
            self._given, self._who, list(matches.values()), past, off=off, grouped=by_person
        )
        if not by_person:
            return [self._row(each) for each in rows]
        meeting = {id: each for id, each in matches.items() if id not in off}
        groups = await groups_around(self._given, self._who, self._filters, meeting)
        return [self._row(each) | self._group(each, groups) for each in rows]

    def _row(self, row: QueueRow) -> Json:
        return {
            "id": row.dom,
            "revision": row.match.revision,
            "order": row.order,
            "past": row.past,
            "html": render(self._request, "queue/row.html", row=row, filters=self._filters),
        }

    def _group(self, row: QueueRow, groups: Mapping[str, PersonGroup]) -> Json:
        """Return the group of a row, for a page that does not show it yet."""
        group = groups.get(row.match.worker_id)
        named: Json = {"group": group_id(row.match.worker_id)}
        if group is None or row.off:
            return named
        values = {"group": group, "filters": self._filters}
        html = render(self._request, "queue/group.html", **values)
        return named | {"groupOrder": group.order, "groupHtml": html}


def _reload(id: str, content: Json) -> ServerSentEvent:
    return ServerSentEvent(event=RELOAD, id=id, data=json.dumps(content), retry=RETRY_MS)


def lot_of(changes: Sequence[LiveChange]) -> Lot:
    """Return changes as one lot, in their order; unreadable records are left out."""
    lot = Lot()
    for change in changes:
        if change.kind is LiveKind.RELOAD:
            lot.reload = True
        elif change.kind is LiveKind.MATCH:
            _put(lot, change)
        else:
            _remove(lot, json.loads(change.data))
    return lot


def _put(lot: Lot, change: LiveChange) -> None:
    try:
        match = decode(Match, change.data.encode("utf-8", "replace"))
    except Invalid:
        return  # a stage sends it to the dead letters
    lot.matches.pop(match.id, None)
    lot.matches[match.id] = match
    # A match that moves from one of the page's stations to another one is named as gone first.
    lot.gone = [each for each in lot.gone if each.get("row") != dom_id(match.id)]


def _remove(lot: Lot, named: Json) -> None:
    """Take what a notice names out of the lot, and note it for the page."""
    id, worker = named.get("id") or named.get("matchId"), named.get("workerId")
    for each in list(lot.matches.values()):
        if each.id == id or each.worker_id == worker:
            del lot.matches[each.id]
    row = {"row": dom_id(id), "revision": named.get("revision")} if id else {"worker": worker}
    lot.gone.append(row)


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
