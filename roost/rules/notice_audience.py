"""Recipients of a notice, as places, clauses of the views and membership tests. Pure.

A notice reaches the workers and stations that it names and, by place: active workers who live there
or whose home is there, and stations that serve the place, a part of it or an area that contains it.
The notify stage sends to these recipients, the preview counts them, and access control compares
them with the stations of an account.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from roost.events.notice import Audience
from roost.events.station import Station
from roost.places.gazetteer import Gazetteer
from roost.places.place_clauses import clauses_within

Json = dict[str, Any]


def worker_clauses(places: Collection[str], gazetteer: Gazetteer) -> list[Json]:
    """Return filters of the view `profiles` for the workers reached through places.

    The view holds where a worker lives with every area that contains it, but the home alone.
    """
    lives_there: Json = {"terms": {"places": list(places)}}
    home_is_there = clauses_within("home", places, gazetteer)
    return [{"term": {"active": True}}, _any_of([lives_there, *home_is_there])]


def worker_query(audience: Audience, gazetteer: Gazetteer) -> Json:
    """Return the query of the view `profiles` for all workers whom an audience reaches."""
    ways: list[Json] = [{"terms": {"id": list(audience.worker_ids)}}]
    if audience.places:
        ways.append({"bool": {"filter": worker_clauses(audience.places, gazetteer)}})
    return _existing(ways)


def station_query(audience: Audience, gazetteer: Gazetteer) -> Json:
    """Return the query of the view `stations` for all stations that an audience reaches."""
    ways: list[Json] = [{"terms": {"id": list(audience.station_ids)}}]
    if audience.places:
        containers = {key for each in audience.places for key in gazetteer.ancestors(each)}
        ways.append({"terms": {"serves": sorted(containers)}})
        ways += clauses_within("serves", audience.places, gazetteer)
    return _existing(ways)


def stations_reached(
    places: Collection[str], stations: Iterable[Station], gazetteer: Gazetteer
) -> list[str]:
    """Return the ids of the stations reached through places."""
    return [each.id for each in stations if is_reached_by_place(places, each.serves, gazetteer)]


def is_reached_by_place(
    places: Collection[str], served: Collection[str], gazetteer: Gazetteer
) -> bool:
    """Return whether an audience's places reach a station that serves the places `served`.

    A place reaches the stations that serve it, a part of it or an area that contains it.
    """
    return any(
        each in (place, *gazetteer.ancestors(place)) or gazetteer.contains(place, each)
        for place in places
        for each in served
    )


def are_wholly_served(
    places: Collection[str], served: Collection[str], gazetteer: Gazetteer
) -> bool:
    """Return whether each place, as a whole, lies in an area of `served`."""
    return all(not frozenset(gazetteer.ancestors(each)).isdisjoint(served) for each in places)


def _any_of(ways: list[Json]) -> Json:
    return {"bool": {"should": ways, "minimum_should_match": 1}}


def _existing(ways: list[Json]) -> Json:
    found = _any_of(ways)
    found["bool"]["must_not"] = [{"term": {"erased": True}}]
    return found
