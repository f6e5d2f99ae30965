"""An edit that narrows nothing excludes nobody who met the requirements before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost.constraints.narrowing import narrows
from roost.constraints.needs import ANY_CURRENCY, LATER, StoredNeeds, Wants
from roost.constraints.obstacles import lasting_obstacle

TODAY = date(2026, 11, 23)
SOON = TODAY.toordinal() + 10
PLACES = (("cn:1401", "cn:14", "cn"), ("cn:1101", "cn:11", "cn"), ("nyc:bronx", "nyc", "us"))
POINTS = (None, (37.87, 112.55), (37.9, 112.6), (39.9, 116.4))
SHIFTS = st.lists(st.sampled_from(["day", "night"]), unique=True)
LICENCES = st.lists(st.sampled_from(["forklift", "welding"]), unique=True)
OPEN = StoredNeeds(
    places=PLACES[0],
    point=POINTS[1],
    currency="CNY",
    wage_low=4_000.0,
    wage_high=5_000.0,
    starts_by=SOON,
    licences=["welding"],
    shifts=["day", "night"],
    lodging=True,
    active=True,
    paused=False,
    last_day=LATER,
)
NEEDS = st.builds(
    StoredNeeds,
    places=st.sampled_from(PLACES),
    point=st.sampled_from(POINTS),
    currency=st.sampled_from(["CNY", "USD", ANY_CURRENCY]),
    wage_low=st.none(),
    wage_high=st.sampled_from([None, 4_000.0, 5_000.0]),
    starts_by=st.sampled_from([1, SOON, LATER]),
    licences=LICENCES,
    shifts=SHIFTS,
    lodging=st.booleans(),
    active=st.just(True),
    paused=st.booleans(),
    last_day=st.just(LATER),
)
WANTS = st.builds(
    Wants,
    active=st.booleans(),
    licences=LICENCES,
    currency=st.sampled_from(["CNY", "USD", ANY_CURRENCY]),
    wage_floor=st.sampled_from([0.0, 4_500.0, 6_000.0]),
    places=st.sampled_from(PLACES),
    point=st.sampled_from(POINTS),
    home=st.sampled_from(PLACES),
    home_point=st.sampled_from(POINTS),
    willing=st.sampled_from([[], ["cn:14"], ["cn:11"]]),
    radius_km=st.sampled_from([None, 10.0]),
    near_home_only=st.booleans(),
    available_from=st.sampled_from([0, SOON, SOON + 5]),
    shifts=SHIFTS,
    needs_lodging=st.booleans(),
)


@given(NEEDS, NEEDS, WANTS)
def test_who_met_the_requirements_meets_them_after_an_edit_that_narrows_nothing(
    before: StoredNeeds, after: StoredNeeds, worker: Wants
) -> None:
    if not lasting_obstacle(before, worker, TODAY) and lasting_obstacle(after, worker, TODAY):
        assert narrows(before, after)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, False),
        ({"wage_high": 6_000.0}, False),
        ({"wage_high": None}, False),
        ({"wage_high": 4_900.0}, True),
        ({"currency": ANY_CURRENCY}, False),
        ({"currency": "USD"}, True),
        ({"starts_by": SOON + 1}, False),
        ({"starts_by": SOON - 1}, True),
        ({"licences": []}, False),
        ({"licences": ["welding", "forklift"]}, True),
        ({"shifts": []}, False),
        ({"shifts": ["day"]}, True),
        ({"lodging": False}, True),
        ({"places": PLACES[1]}, True),
        ({"point": POINTS[2]}, True),
    ],
)
def test_each_requirement_narrows_in_one_direction(changes: dict[str, Any], expected: bool) -> None:
    assert narrows(OPEN, replace(OPEN, **changes)) is expected
