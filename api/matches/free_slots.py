"""Interview slots of openings with the places that are left, and the next time that is free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from api.lists.paging import bool_of
from api.ports.services import Services
from roost.events.interview_slot import InterviewSlot
from roost.topics import MATCHES, SLOTS
from roost.views.elastic import Json

MOST_SLOTS = 50
"""Slots ahead that an opening may offer at a time."""
MOST_SHOWN = 500
"""Most slots of several openings on one page."""
EVERY_MATCH: Json = {"exists": {"field": "id"}}


@dataclass(frozen=True, slots=True)
class CountedSlot:
    """A slot with the number of people who have chosen it."""

    slot: InterviewSlot
    booked: int
    version: int

    @property
    def free(self) -> int:
        """Places that are left."""
        return max(0, self.slot.places - self.booked)


async def slots_ahead(
    given: Services, opening_ids: Sequence[str], since: datetime | None = None
) -> list[CountedSlot]:
    """Return the slots of openings from `since` on, by default those ahead, the earliest first."""
    if not opening_ids:
        return []
    after = since or given.clock.now()
    body: Json = {
        "size": min(MOST_SHOWN, 2 * MOST_SLOTS * len(opening_ids)),
        "sort": [{"at": "asc"}, {"id": "asc"}],
        "track_total_hits": False,
        "query": bool_of(
            [
                {"terms": {"opening_id": list(opening_ids)}},
                {"range": {"at": {"gt": after.isoformat()}}},
            ]
        ),
    }
    documents = [hit.source for hit in (await given.elastic.search(SLOTS.name, body)).hits]
    return await counted_slots(given, documents)


async def counted_slots(given: Services, documents: Sequence[Json]) -> list[CountedSlot]:
    """Return slots with the number of people who have chosen each, in the order given."""
    question = ("slot_id", [each["id"] for each in documents], EVERY_MATCH)
    (booked,) = await given.elastic.tallies(MATCHES.name, [question])
    return [
        CountedSlot(
            InterviewSlot.from_stored(each["fact"]), booked.get(each["id"], 0), each["version"]
        )
        for each in documents
    ]


async def next_free_time(given: Services, opening_id: str) -> datetime | None:
    """Return the time of the opening's next slot with a free place; None without one."""
    return next(
        (each.slot.at for each in await slots_ahead(given, [opening_id]) if each.free), None
    )
