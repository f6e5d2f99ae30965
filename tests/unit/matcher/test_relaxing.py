"""Changed conditions that would give more pairs: each alone, and exactly as many as are named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.flood import ANY_OPENING
from matcher import finding, ranking
from matcher.eligibility import obstacle, obstacles
from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.relaxing import (
    CRITERIA,
    ENOUGH,
    Relaxation,
    relaxations_for_opening,
    relaxations_for_worker,
)
from roost import ids
from tests.unit.streams.test_capacity import worker as any_worker

TODAY = date(2026, 11, 23)
SHIFTS = ["day", "night", "rotating"]
WORKER = replace(
    any_worker(1), currency="CNY", wage_floor=6_000.0, willing=[], radius_km=20.0, shifts=["day"]
)
points = st.tuples(st.floats(29.0, 34.0), st.floats(109.0, 114.0))
several = st.lists(st.sampled_from(["电工证", "焊工证"]), max_size=2, unique=True)
openings = st.fixed_dictionaries(
    {
        "wage_high": st.none() | st.floats(1_000, 12_000),
        "point": st.none() | points,
        "shifts": st.lists(st.sampled_from(SHIFTS), max_size=2, unique=True),
        "lodging": st.booleans(),
        "licences": several,
        "currency": st.sampled_from(["CNY", "CNY", "USD"]),
        "starts_by": st.integers(-30, 60).map(lambda days: TODAY.toordinal() + days),
    }
)
workers = st.fixed_dictionaries(
    {
        "wage_floor": st.floats(0, 12_000),
        "point": st.none() | points,
        "shifts": st.lists(st.sampled_from(SHIFTS), max_size=2, unique=True),
        "needs_lodging": st.booleans(),
        "licences": several,
        "currency": st.sampled_from(["CNY", "CNY", "USD"]),
        "available_from": st.integers(-30, 60).map(lambda days: TODAY.toordinal() + days),
        "radius_km": st.sampled_from([5.0, 50.0, 400.0]),
    }
)


def opening(number: int = 1, **changes: Any) -> OpeningFeatures:
    fields: dict[str, Any] = {
        "id": ids.opening_id("t", str(number)),
        "active": True,
        "title": {"焊工": 1.0},
        "title_words": "焊工",
        "places": ["x:1", "x"],
        "point": (30.0, 110.0),
        "currency": "CNY",
        "wage_high": 7_000.0,
        "wage_low": 1_000.0,
    }
    return replace(ANY_OPENING, **(fields | changes))


def openings_of(many: Sequence[dict[str, Any]]) -> list[OpeningFeatures]:
    return [opening(number, **each) for number, each in enumerate(many)]


def workers_of(many: Sequence[dict[str, Any]]) -> list[WorkerFeatures]:
    return [replace(any_worker(number), willing=[], **each) for number, each in enumerate(many, 10)]


def changed_worker(worker: WorkerFeatures, found: Relaxation) -> WorkerFeatures:
    """Return the worker with the one changed condition."""
    match found.criterion, found.value:
        case "wage", float(wage):
            return replace(worker, wage_floor=wage)
        case "place", float(km):
            return replace(worker, radius_km=km)
        case "place", None:
            return replace(worker, radius_km=None)
        case "shift", str(shift):
            return replace(worker, shifts=[*worker.shifts, shift])
        case "lodging", None:
            return replace(worker, needs_lodging=False)
        case "availability", str(day):
            return replace(worker, available_from=date.fromisoformat(day).toordinal())
        case "licence", str(licence):
            return replace(worker, licences=[*worker.licences, licence])
        case other:
            raise AssertionError(other)


def changed_opening(work: OpeningFeatures, found: Relaxation) -> OpeningFeatures:
    match found.criterion, found.value:
        case "wage", float(wage):
            return replace(work, wage_high=wage)
        case "shift", str(shift):
            return replace(work, shifts=[*work.shifts, shift])
        case "lodging", None:
            return replace(work, lodging=True)
        case "availability", str(day):
            return replace(work, starts_by=date.fromisoformat(day).toordinal())
        case "licence", str(licence):
            return replace(work, licences=[each for each in work.licences if each != licence])
        case other:
            raise AssertionError(other)


@given(many=st.lists(openings, max_size=8), worker=workers)
def test_a_workers_changed_condition_admits_exactly_the_openings_that_are_named(
    many: list[dict[str, Any]], worker: dict[str, Any]
) -> None:
    person, work = replace(WORKER, **worker), openings_of(many)
    blocked = {
        name: [each for each in work if obstacles(each, person, TODAY) == (name,)]
        for name in CRITERIA
    }
    for found in relaxations_for_worker(person, blocked, TODAY):
        if found.criterion == "currency" or (found.criterion == "place" and found.value is None):
            assert found.gain <= len(blocked[found.criterion])
            continue
        after = changed_worker(person, found)
        admitted = [each for each in blocked[found.criterion] if not obstacle(each, after, TODAY)]
        assert len(admitted) == found.gain >= 1
        if found.criterion not in {"shift", "licence"}:
            assert found.gain >= min(ENOUGH, len(blocked[found.criterion])) or (
                found.criterion == "place"
            )


@given(many=st.lists(workers, max_size=8), work=openings)
def test_an_openings_changed_condition_admits_exactly_the_workers_that_are_named(
    many: list[dict[str, Any]], work: dict[str, Any]
) -> None:
    one, people = opening(**work), workers_of(many)
    blocked = {
        name: [each for each in people if obstacles(one, each, TODAY) == (name,)]
        for name in CRITERIA
    }
    for found in relaxations_for_opening(one, blocked, TODAY):
        if found.criterion in {"currency", "place"}:
            assert 1 <= found.gain <= len(blocked[found.criterion])
            continue
        after = changed_opening(one, found)
        admitted = [each for each in blocked[found.criterion] if not obstacle(after, each, TODAY)]
        assert len(admitted) == found.gain >= 1


def test_a_wage_is_rounded_in_the_favour_of_the_one_who_changes_it() -> None:
    work = [opening(n, wage_high=each) for n, each in enumerate([4_560.0, 4_590.0, 4_980.0, 2_000])]
    assert relaxations_for_worker(WORKER, {"wage": work}, TODAY) == [Relaxation("wage", 3, 4_500.0)]
    people = [replace(WORKER, wage_floor=each) for each in (7_010.0, 7_050.0, 7_490.0, 9_000.0)]
    assert relaxations_for_opening(opening(), {"wage": people}, TODAY) == [
        Relaxation("wage", 3, 7_500.0)
    ]


def test_the_greatest_gain_comes_first_and_nothing_is_said_of_what_would_not_help() -> None:
    many = {
        "lodging": [opening(1)],
        "wage": [opening(2, wage_high=5_000.0), opening(3, wage_high=5_000.0)],
        "shift": [],
    }
    found = relaxations_for_worker(WORKER, many, TODAY)
    assert [(each.criterion, each.gain) for each in found] == [("wage", 2), ("lodging", 1)]


def test_near_home_is_measured_from_home() -> None:
    person = replace(
        WORKER, near_home_only=True, radius_km=None, point=(31.0, 121.0), home_point=(30.0, 110.0)
    )
    far = opening(point=(30.4, 110.0))
    assert relaxations_for_worker(person, {"place": [far]}, TODAY) == [Relaxation("place", 1, 60.0)]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({}, ()),
        ({"wage_high": 5_000.0}, ("wage",)),
        ({"wage_high": 5_000.0, "currency": "USD"}, ("currency",)),
        ({"active": False, "paused": True, "shifts": ["night"]}, ("shift", "paused")),
        ({"active": False, "licences": ["电工证"]}, ("closed", "licence")),
    ],
)
def test_every_obstacle_is_named_and_the_first_is_the_one_that_matching_names(
    changes: dict[str, Any], named: tuple[str, ...]
) -> None:
    found = obstacles(opening(**changes), WORKER, TODAY)
    assert found == named
    assert obstacle(opening(**changes), WORKER, TODAY) == (named[0] if named else "")
    assert obstacle(opening(**changes), WORKER, TODAY, named) == ""


def test_a_search_by_hand_ranks_as_matching_does_and_shows_what_is_blocked_after_it() -> None:
    work = [opening(n, wage_high=7_000.0 + n) for n in range(4)]
    blocked = opening(9, wage_high=1.0)
    found = finding.find(WORKER, [blocked, *work], TODAY, 3, 35.0)
    ranked = ranking.rank(WORKER, work, TODAY, 3, 35.0)
    assert [(each.candidate.id, each.score) for each in found] == [
        (each.candidate.id, each.score) for each in ranked
    ]
    last = finding.find(WORKER, [blocked, *work], TODAY, 9, 0.0)[-1]
    assert (last.candidate, last.obstacles) == (blocked, ("wage",))
    assert last.reasons, "its reasons are shown as well"


def test_only_what_would_be_proposed_counts_as_blocked_by_one_condition() -> None:
    both = opening(1, wage_high=1.0, shifts=["night"])
    other_work = opening(2, wage_high=1.0, title={"厨师": 1.0}, title_words="厨师")
    one = opening(3, wage_high=1.0)
    assert finding.blocked_by("wage", WORKER, [both, other_work, one], TODAY, 35.0) == [one]
