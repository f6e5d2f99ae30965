"""Republication of openings in `searchable` when a day has ended.

No event is published when a day ends. Still, the matches of an opening that was open until that day
have to be withdrawn, and free places may go to workers who had used up their daily share. To
republish an opening twice is harmless: withdrawn matches stay withdrawn, and a full opening takes
no worker.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from matcher.features import OpeningFeatures
from roost.events.envelope import record
from roost.events.opening import OpeningStatus
from roost.events.searchable import EntityKind, Searchable
from roost.kafka.ports import Producer
from roost.rules.capacity import Capacity
from roost.time.clock import Clock, day_of, start_of_day
from roost.topics import MATCHES, OPENINGS
from roost.views.elastic import Elastic, Hit, Json
from roost.views.remembered import Remembered
from streams.views.counts import count_matches
from streams.views.id_pages import id_pages

SOURCE = "/streams/match/announcing"
OPEN: Json = {"term": {"active": True}}
PAUSED: Json = {"term": {"status": OpeningStatus.PAUSED.value}}


async def announce_expired(
    elastic: Elastic,
    sender: Producer,
    clock: Clock,
    zone: ZoneInfo,
    *,
    since: date | None = None,
) -> int:
    """Republish open and paused openings whose last day is before today, not before `since`.

    Returns their number. Raises Transient when a server is away; the whole call may be repeated.
    """
    today = day_of(clock.now(), zone)
    days = {"lt": today.toordinal()} | ({"gte": since.toordinal()} if since else {})
    announced = 0
    async for hits in _of_days(elastic, days, _any(OPEN, PAUSED)):
        announced += await _announce(sender, clock, hits)
    return announced


async def announce_vacant(
    elastic: Elastic,
    sender: Producer,
    clock: Clock,
    openings: Remembered[OpeningFeatures],
    capacity: Capacity,
    zone: ZoneInfo,
    index: str | None = None,
) -> int:
    """Republish open openings that have fewer active matches than places.

    Their features are read from `index`, or from the index behind the view without one.
    Returns their number. Raises Transient when a server is away; the whole call may be repeated.
    """
    await elastic.refresh(MATCHES.name)
    announced, today = 0, day_of(clock.now(), zone)
    async for hits in _of_days(elastic, {"gte": today.toordinal()}, OPEN):
        versions = {hit.id: hit.source["version"] for hit in hits}
        known = await openings.at_least(versions, index)
        counted = await count_matches(elastic, list(known), (), start_of_day(clock.now(), zone))
        vacant = {
            id
            for id, each in known.items()
            if each.value is not None
            and counted.active.get(id, 0)
            < capacity.places(each.value.headcount, counted.placed.get(id, 0))
        }
        announced += await _announce(sender, clock, [hit for hit in hits if hit.id in vacant])
    return announced


async def _announce(sender: Producer, clock: Clock, hits: Sequence[Hit]) -> int:
    now = clock.now()
    events = [
        Searchable(kind=EntityKind.OPENING, id=hit.id, version=hit.source["version"], posted_at=now)
        for hit in hits
    ]
    await sender.publish([record(event, event.id, source=SOURCE, at=now) for event in events])
    return len(events)


def _of_days(elastic: Elastic, last_days: Json, status: Json) -> AsyncIterator[tuple[Hit, ...]]:
    """Yield pages of openings of a status whose last day lies in a range of ordinals."""
    return id_pages(elastic, OPENINGS.name, [status, {"range": {"last_day": last_days}}])


def _any(*clauses: Json) -> Json:
    return {"bool": {"should": list(clauses), "minimum_should_match": 1}}
