"""Use cases of the change feed: read a page, wait for changes, follow them live."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import nullcontext
from dataclasses import dataclass

from api.access.principal import Principal
from api.changes.change_visibility import visible_changes
from api.changes.schemas import Changed, Changes
from api.live.feed_positions import (
    MOST_BEHIND,
    PARTITIONS,
    TOPICS,
    format_cursor,
    parse_cursor,
    records_between,
)
from api.ports.following import Partition
from api.ports.services import Services
from roost.errors import invalid_field
from roost.security.sealed_tokens import TokenExpired, TokenRefused

BATCH = 100
"""Largest number of changes that are judged by one reading of the views."""
QUIET_S = 15.0
"""Longest wait for a change before the subscriber's access is checked again."""


@dataclass(frozen=True, slots=True)
class StreamStart:
    """Positions at which a stream starts; with `reload`, more was missed than is replayed."""

    positions: dict[Partition, int]
    reload: bool


async def read_changes(
    given: Services, who: Principal, since: str | None, types: str | None, limit: int, wait_s: float
) -> Changes:
    """Return the visible changes after a cursor; wait up to `wait_s` seconds for the first.

    A request that may wait counts as an open stream. Raises Invalid for an unknown type,
    TokenRefused for a foreign or expired cursor, TooManyStreams.
    """
    wanted = partitions_of(types)
    positions = await positions_from(given, who, since)
    deadline = time.monotonic() + wait_s
    with given.streams.one(who.counted_as) if wait_s else nullcontext():
        while True:
            found, positions = await given.feed.page(positions, wanted, limit)
            items = [answer for _, answer in await visible_changes(given, who, found)]
            left = deadline - time.monotonic()
            full = len(found) == limit
            if items or full or left <= 0 or not await given.feed.come(left):
                cursor = format_cursor(given, who.id, positions)
                return Changes(items=items, next=cursor, more=full)


async def follow_changes(
    given: Services,
    who: Principal,
    positions: dict[Partition, int],
    wanted: Collection[Partition],
    still: Callable[[], bool],
) -> AsyncIterator[tuple[str, Changed]]:
    """Yield each visible change after some positions, with the cursor to resume from.

    Ends once `still` returns False: the subscriber may no longer watch.
    """
    while still():
        found, following = await given.feed.page(positions, wanted, BATCH)
        visible = await visible_changes(given, who, found)
        answers = {(change.place, change.offset): answer for change, answer in visible}
        for change in found:
            positions = {**positions, change.place: change.offset + 1}
            answer = answers.get((change.place, change.offset))
            if answer is not None and still():
                yield format_cursor(given, who.id, positions), answer
        positions = following
        if not found:
            await given.feed.come(QUIET_S)


async def positions_from(
    given: Services, who: Principal, cursor: str | None
) -> dict[Partition, int]:
    """Return the positions of a cursor, or the current ones. Raises TokenRefused."""
    if cursor is None:
        return await given.feed.now()
    return parse_cursor(given, who.id, cursor)


async def stream_start(
    given: Services, who: Principal, last_id: str | None, since: str | None
) -> StreamStart:
    """Return where a stream starts: after its last event, at a cursor, or now.

    A last event that is not the caller's means now. Raises TokenRefused for such a cursor.
    """
    now = await given.feed.now()
    if not last_id:
        start = parse_cursor(given, who.id, since) if since else now
    else:
        try:
            start = parse_cursor(given, who.id, last_id)
        except TokenExpired:
            return StreamStart(now, reload=True)
        except TokenRefused:
            return StreamStart(now, reload=False)
    if records_between(start, now) > MOST_BEHIND:
        return StreamStart(now, reload=True)
    return StreamStart(start, reload=False)


def partitions_of(types: str | None) -> frozenset[Partition]:
    """Return the partitions of comma-separated types; None means all. Raises Invalid."""
    if types is None:
        return frozenset(PARTITIONS)
    named = {each.strip() for each in types.split(",")} - {""}
    if not named or named - set(TOPICS):
        known = ", ".join(TOPICS)
        raise invalid_field("types", f"write some of {known}", f"可选：{known}")
    topics = {TOPICS[each].name for each in named}
    return frozenset(each for each in PARTITIONS if each.topic in topics)
