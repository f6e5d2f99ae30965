"""Recipients of a notice: the notify stage, the preview and access control agree."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from roost import ids
from roost.events.notice import Audience
from roost.events.station import Station
from roost.places.gazetteer import gazetteer
from roost.places.place_clauses import clauses_within
from roost.rules.notice_audience import (
    are_wholly_served,
    is_reached_by_place,
    station_query,
    stations_reached,
    worker_clauses,
    worker_query,
)

KNOWN = gazetteer()
PLACES = ("cn", "cn:14", "cn:1402", "sample:lanling", "sample:lanling-101", "cn:11")
places = st.lists(st.sampled_from(PLACES), min_size=1, max_size=2, unique=True)


def station_serving(*served: str) -> Station:
    place = {"name": "x", "latitude": 1.0, "longitude": 1.0}
    return Station.model_validate(
        {"id": ids.station_id("x"), "identifier": "x", "name": "x", "place": place}
        | {"serves": served}
    )


@given(places, places)
def test_a_station_may_read_a_notice_by_place_exactly_if_it_receives_it(
    audience: list[str], served: list[str]
) -> None:
    received = stations_reached(audience, [station_serving(*served)], gazetteer())
    assert is_reached_by_place(audience, served, gazetteer()) == bool(received)


@given(places, places)
def test_only_a_station_that_receives_a_notice_can_serve_all_of_its_places(
    audience: list[str], served: list[str]
) -> None:
    if are_wholly_served(audience, served, gazetteer()):
        assert is_reached_by_place(audience, served, gazetteer())


def test_a_part_of_a_place_is_not_the_whole_of_it() -> None:
    assert is_reached_by_place(["cn:14"], ["cn:1402"], gazetteer())
    assert not are_wholly_served(["cn:14"], ["cn:1402"], gazetteer())
    assert are_wholly_served(["cn:1402"], ["cn:14"], gazetteer())


@given(places)
def test_the_preview_counts_whom_the_notify_stage_sends_to(audience: list[str]) -> None:
    by_place = Audience(places=tuple(audience))
    _, workers = worker_query(by_place, gazetteer())["bool"]["should"]
    assert workers["bool"]["filter"] == worker_clauses(by_place.places, gazetteer())
    _, *stations = station_query(by_place, gazetteer())["bool"]["should"]
    for served in (*PLACES, "cn:140215101", "cn:110105026", "cn:35", "nyc:bronx"):
        is_counted = any(holds(clause, "serves", served) for clause in stations)
        assert is_counted == is_reached_by_place(audience, [served], gazetteer()), served


@given(places, st.sampled_from([*PLACES, "cn:140215101", "cn:110105026", "cn:35", "nyc:bronx"]))
def test_the_clauses_for_a_home_hold_for_all_places_within(audience: list[str], home: str) -> None:
    is_found = any(holds(each, "home", home) for each in clauses_within("home", audience, KNOWN))
    is_inside = any(KNOWN.contains(place, home) or home == place for place in audience)
    assert is_found == is_inside


def holds(clause: dict[str, Any], field: str, value: str) -> bool:
    """Return whether a terms or prefix clause holds for a value, as Elasticsearch decides."""
    if "prefix" in clause:
        return value.startswith(clause["prefix"][field])
    return value in clause["terms"][field]
