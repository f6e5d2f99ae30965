"""Reading of the interview slots that a batch decides on, and of the matches booked at them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from roost.events.interview_slot import InterviewSlot
from roost.events.match import ActionKind, Match, MatchAction
from roost.topics import MATCHES, SLOTS
from roost.views.elastic import Elastic, Json
from roost.views.search_pages import search_pages
from streams.queue.slot_bookings import SlotChange

CONCERNED = frozenset({ActionKind.BOOK, ActionKind.UNDO})
"""Actions by which a match may get a place at a slot."""


def uses_slots(events: Iterable[Any]) -> bool:
    """Return whether any event depends on the places at interview slots."""
    return any(
        isinstance(event, SlotChange)
        or (isinstance(event, MatchAction) and event.kind in CONCERNED)
        for event in events
    )


def slots_of(events: Iterable[Any], matches: Iterable[Match]) -> list[str]:
    """Return the ids of the slots that events name, or that an undo may restore a place at."""
    undone = {each.match_id for each in events if _is_undo(each)}
    named = [each.slot_id for each in events if isinstance(each, SlotChange | MatchAction)]
    for match in matches:
        before = match.undoable.before if match.undoable and match.id in undone else None
        named.append(before.booking.slot_id if before and before.booking else None)
    return sorted({id for id in named if id})


class SlotReader:
    """Reader of slots, and of all matches that take a place at one."""

    def __init__(self, elastic: Elastic) -> None:
        self._elastic = elastic

    async def read(
        self, events: Sequence[Any], matches: Iterable[Match]
    ) -> tuple[dict[str, InterviewSlot], dict[str, Match | None]]:
        """Return the slots that a batch concerns, without cancelled ones, and their matches.

        `matches` are those that the events name. Searches must show all earlier writes.
        """
        ids = slots_of(events, matches)
        if not ids:
            return {}, {}
        found = await self._elastic.mget([(SLOTS.name, id) for id in ids], ("fact", "erased"))
        slots = {
            id: InterviewSlot.from_stored(document["fact"])
            for (_, id), document in found.items()
            if not document.get("erased")
        }
        body: Json = {
            "_source": ["fact"],
            "sort": [{"id": "asc"}],
            "track_total_hits": False,
            "query": {"bool": {"filter": [{"terms": {"slot_id": ids}}]}},
        }
        booked: dict[str, Match | None] = {}
        async for page in search_pages(self._elastic, MATCHES.name, body):
            for hit in page.hits:
                booked[hit.id] = Match.from_stored(hit.source["fact"])
        return slots, booked


def _is_undo(event: Any) -> bool:
    return isinstance(event, MatchAction) and event.kind is ActionKind.UNDO
