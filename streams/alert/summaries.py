"""Nightly numbers of openings that a saved search found and did not announce one by one.

A day is looked at once it is over and `SETTLED` has passed. Each search that is not paused is run
against the openings of the day, some at a time; those that were announced or have a match
are left out, and the number of the others is published. Ids derive from search and day, so a run
that starts again publishes nothing twice. After a start the last `DAYS` days are looked at, later
the last one only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from functools import partial

from roost.events.notification import Notification
from roost.events.saved_search import SavedSearch
from roost.saved_searches.search_clauses import clauses_of, published
from roost.time.clock import Clock, day_of
from roost.time.county_days import DAY, day_begins
from roost.topics import OPENINGS, SAVED_SEARCHES
from roost.views.elastic import COLUMNS, Elastic, Hit, Json
from streams.alert.announced_pairs import MOST_COUNTED, FoundPair, summary
from streams.alert.new_pairs import new_pairs
from streams.kernel.retry import retry_transient
from streams.views.new_notifications import NewNotifications

PAGE = 200
"""Searches that are run together."""
DAYS = 2
SETTLED = timedelta(minutes=30)
"""Time after a day in which its last openings become searchable and are announced."""


class Summaries:
    """Periodic work that counts the openings of past days which were not announced."""

    def __init__(self, elastic: Elastic, new: NewNotifications, clock: Clock, zone: tzinfo) -> None:
        self._elastic = elastic
        self._new = new
        self._clock = clock
        self._zone = zone
        self._done: date | None = None
        """The last day that was looked at."""

    async def run(self) -> None:
        """Look at the days that are over and were not looked at yet."""
        last = day_of(self._clock.now() - SETTLED, self._zone) - DAY
        first = last - (DAYS - 1) * DAY if self._done is None else self._done + DAY
        while first <= last:
            await self._count(first)
            self._done = first
            first += DAY

    async def _count(self, day: date) -> None:
        begins, ends = day_begins(day, self._zone), day_begins(day + DAY, self._zone)
        after: str | None = None
        while True:
            hits = await retry_transient("alert.searches", partial(self._page, ends, after))
            searches = [SavedSearch.from_stored(each.source["fact"]) for each in hits]
            if searches:
                count = partial(self._summaries, searches, day, begins, ends)
                await self._new.notify(await retry_transient("alert.count", count))
            if len(hits) < PAGE:
                return
            after = hits[-1].id

    async def _page(self, ends: datetime, after: str | None) -> Sequence[Hit]:
        body: Json = {
            "size": PAGE,
            "_source": ["fact"],
            "track_total_hits": False,
            "query": {
                "bool": {
                    "filter": [
                        {"term": {"paused": False}},
                        {"range": {"counts_from": {"lt": ends.isoformat()}}},
                    ]
                }
            },
            "sort": [{"id": "asc"}],
        }
        if after is not None:
            body["search_after"] = [after]
        return (await self._elastic.search(SAVED_SEARCHES.name, body)).hits

    async def _summaries(
        self, searches: Sequence[SavedSearch], day: date, begins: datetime, ends: datetime
    ) -> list[Notification]:
        today = day_of(self._clock.now(), self._zone)
        bodies = [
            (OPENINGS.name, _body(each, max(begins, each.counts_from), ends, today))
            for each in searches
        ]
        pages = await self._elastic.msearch(bodies)
        pairs = {
            search.id: [_pair(search, hit.id, ends) for hit in page.hits]
            for search, page in zip(searches, pages, strict=True)
        }
        left = await self._not_announced(pairs)
        return [
            summary(each.id, each.worker_id, day, left[each.id], ends)
            for each in searches
            if left[each.id]
        ]

    async def _not_announced(self, pairs: Mapping[str, Sequence[FoundPair]]) -> Counter[str]:
        """Return the number of pairs of each search without a notification and without a match."""
        flat = [pair for each in pairs.values() for pair in each]
        return Counter(each.search_id for each in await new_pairs(self._elastic, flat))


def _body(search: SavedSearch, begins: datetime, ends: datetime, today: date) -> Json:
    span = {"gte": begins.isoformat(), "lt": ends.isoformat()}
    clauses = [*published(today), *clauses_of(search), {"range": {"posted_at": span}}]
    return {
        **COLUMNS,
        "size": MOST_COUNTED + MOST_COUNTED // 2,
        "docvalue_fields": ["id"],
        "track_total_hits": False,
        "query": {"bool": {"filter": clauses}},
        "sort": [{"id": "asc"}],
    }


def _pair(search: SavedSearch, opening_id: str, at: datetime) -> FoundPair:
    return FoundPair(search.id, search.worker_id, search.notice.value, opening_id, at)
