"""Live rows equal the result of a search with the same filters."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product

from api.console.queue.filters import Filters, meets
from api.lists.paging import bool_of
from api.stations import queue_query
from roost import ids
from roost.events.match import About, Match
from roost.settings import Settings
from roost.time.clock import SystemClock
from roost.views.elastic import Elastic
from streams.queue.match_projection import match_write
from tests.console.conftest import done
from tests.made import a_match

STATION = ids.station_id("console-filters")
NOW = SystemClock().now()


def matches() -> list[Match]:
    """Return one match for every way in which a filter can distinguish matches."""
    made = []
    states, holders = ("proposed", "claimed", "placed"), (None, "u-li", "u-wang")
    ways = product(states, holders, ("a", "b"), (True, False), (0, 30))
    for number, (state, holder, place, priority, hours) in enumerate(ways):
        made.append(
            a_match(
                ids.opening_id("filters", str(number)),
                ids.worker_id("filters", str(number)),
                NOW - timedelta(hours=hours),
                station_id=STATION,
                state=state,
                assigned_to=holder,
                act_by=NOW + timedelta(hours=1 - hours),
                about=About(occupation=f"zh:{place}", home=(f"sample:{place}",), priority=priority),
            )
        )
    return made


async def found(settings: Settings, all: list[Match], filters: Filters) -> set[str]:
    elastic = Elastic(settings.elasticsearch_url)
    await elastic.write([match_write(each, each.to_json(), 1) for each in all], refresh=True)
    asked = queue_query.listed_clauses((STATION,), filters.wanted, "u-li", NOW)
    page = await elastic.search("matches", {"size": 200, "query": bool_of(asked)})
    await elastic.close()
    return {hit.id for hit in page.hits}


def test_a_filter_means_the_same_to_a_search_and_to_what_comes_live(settings: Settings) -> None:
    all, station = matches(), Filters().at(STATION)
    for filters in (
        station,
        replace(station, state="claimed"),
        replace(station, state="placed", whose="me"),
        replace(station, whose="nobody"),
        replace(station, place="sample:a"),
        replace(station, occupation="zh:b", priority=True),
        replace(station, age="24"),
        replace(station, overdue=True, whose="me"),
    ):
        live = {each.id for each in all if meets(filters, each, "u-li", NOW)}
        assert done(found(settings, all, filters)) == live, filters
        assert live
