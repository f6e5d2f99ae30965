"""The hard constraints, one by one: a good pair, and each obstacle."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from matcher.eligibility import obstacle
from tests.unit.matcher.builders import TODAY, Builder

FAR = {"name": "nyc:bronx"}
AT_HOME = {"name": "sample:lanling-101"}
NOWHERE = {"name": "nowhere at all"}
AWAY = {"name": "cn:1101"}


def day(ahead: int) -> str:
    return (TODAY + timedelta(days=ahead)).isoformat()


def wage(low: float, unit: str = "MONTH", **more: Any) -> dict[str, Any]:
    return {"minValue": low, "unitText": unit, **more}


CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("", {}, {}),
    ("paused", {"status": "paused"}, {}),
    ("closed", {"status": "filled"}, {}),
    ("expired", {"validThrough": day(-1)}, {}),
    ("", {"validThrough": day(0)}, {}),
    ("inactive", {}, {"status": "paused"}),
    ("inactive", {}, {"ofWorkingAge": False}),
    # Place: a radius, chosen places, near home only, or the same country.
    ("", {}, {"willing": {"radiusKm": 10}}),
    ("place", {}, {"willing": {"radiusKm": 5}}),
    ("place", {"jobLocation": AWAY}, {"willing": {"radiusKm": 100}}),
    ("place", {"jobLocation": NOWHERE}, {"willing": {"radiusKm": 100}}),
    ("", {}, {"willing": {"places": ["cn:1402"]}}),
    ("", {"jobLocation": AWAY}, {"willing": {"places": ["cn:11"]}}),
    ("place", {"jobLocation": AWAY}, {"willing": {"places": ["cn:1402"]}}),
    ("", {"jobLocation": AWAY}, {"willing": {"places": ["cn:11"], "radiusKm": 1}}),
    ("place", {"jobLocation": AWAY}, {"willing": {"places": ["cn:11"], "nearHomeOnly": True}}),
    ("", {}, {"willing": {"nearHomeOnly": True}, "location": AWAY}),
    ("place", {"jobLocation": AWAY}, {"willing": {"nearHomeOnly": True}, "location": AWAY}),
    ("place", {}, {"willing": {"nearHomeOnly": True}, "home": NOWHERE}),
    ("place", {"jobLocation": FAR}, {"wageWanted": None}),
    # The wage floor, after conversion; 174 hours, 21.75 days, 4.35 weeks a month.
    ("", {"baseSalary": wage(25, "HOUR")}, {"wageWanted": wage(4350)}),
    ("wage", {"baseSalary": wage(25, "HOUR")}, {"wageWanted": wage(4351)}),
    ("", {"baseSalary": wage(200, "DAY")}, {"wageWanted": wage(4350)}),
    ("wage", {"baseSalary": wage(200, "DAY")}, {"wageWanted": wage(4351)}),
    ("", {"baseSalary": wage(1000, "WEEK")}, {"wageWanted": wage(4350)}),
    ("wage", {"baseSalary": wage(1000, "WEEK")}, {"wageWanted": wage(4351)}),
    ("", {"baseSalary": wage(4350)}, {"wageWanted": wage(25, "HOUR")}),
    ("wage", {"baseSalary": wage(4349)}, {"wageWanted": wage(25, "HOUR")}),
    ("", {"baseSalary": wage(52_200, "YEAR")}, {"wageWanted": wage(200, "DAY")}),
    ("wage", {"baseSalary": wage(52_000, "YEAR")}, {"wageWanted": wage(200, "DAY")}),
    ("", {"baseSalary": wage(2, "PIECE", piecesPerDay=100)}, {"wageWanted": wage(4350)}),
    ("wage", {"baseSalary": wage(2, "PIECE", piecesPerDay=99)}, {"wageWanted": wage(4350)}),
    # Unknown wage: no obstacle, and the reason mentions it.
    ("", {"baseSalary": wage(2, "PIECE")}, {"wageWanted": wage(4350)}),
    ("", {"baseSalary": None}, {"wageWanted": wage(4350)}),
    ("", {"baseSalary": wage(4350)}, {"wageWanted": wage(2, "PIECE")}),
    # The top of a range may meet the floor; another currency never does.
    ("", {"baseSalary": wage(4000, maxValue=5000)}, {"wageWanted": wage(5000, maxValue=9000)}),
    ("currency", {"baseSalary": wage(9000, currency="USD")}, {}),
    ("currency", {"baseSalary": wage(9, "PIECE", currency="USD")}, {}),
    ("", {"baseSalary": wage(9000, currency="USD")}, {"wageWanted": None}),
    # Start: the stated day, else the last day; work that has begun starts today.
    ("", {"jobStartDate": day(10)}, {"availableFrom": day(10)}),
    ("availability", {"jobStartDate": day(10)}, {"availableFrom": day(11)}),
    ("availability", {"validThrough": day(10)}, {"availableFrom": day(11)}),
    ("", {"jobStartDate": day(-20)}, {"availableFrom": day(-10)}),
    ("availability", {"jobStartDate": day(-20)}, {"availableFrom": day(1)}),
    ("", {}, {"availableFrom": day(300)}),
    # Licences, by any of their names.
    ("licence", {"licencesRequired": ["低压电工证"]}, {}),
    ("", {"licencesRequired": ["低压电工证"]}, {"licences": ["低压电工作业证"]}),
    ("", {"licencesRequired": ["电工证"]}, {"licences": ["低压电工操作证"]}),
    ("licence", {"licencesRequired": ["高压电工证"]}, {"licences": ["低压电工证"]}),
    ("licence", {"licencesRequired": ["低压电工证"]}, {"licences": ["电工证"]}),
    ("", {"licencesRequired": ["C1驾驶证"]}, {"licences": ["驾照B2"]}),
    ("licence", {"licencesRequired": ["B2驾驶证"]}, {"licences": ["C1"]}),
    ("licence", {"licencesRequired": ["焊工证", "健康证"]}, {"licences": ["焊工证"]}),
    ("", {"licencesRequired": ["RN license"]}, {"licences": ["RN licence"]}),
    # Shifts.
    ("shift", {"shifts": ["night"]}, {"shifts": ["day"]}),
    ("", {"shifts": ["night", "day"]}, {"shifts": ["day"]}),
    ("", {"shifts": ["night"]}, {}),
    ("", {}, {"shifts": ["day"]}),
    # Lodging, unless near enough to go home.
    ("", {}, {"needsLodging": True}),
    ("lodging", {"jobLocation": AWAY}, {"needsLodging": True}),
    ("", {"jobLocation": AWAY, "lodging": True}, {"needsLodging": True}),
    ("lodging", {"jobLocation": NOWHERE}, {"needsLodging": True, "location": NOWHERE}),
]


@pytest.mark.parametrize(("expected", "opening", "worker"), CASES)
def test_each_obstacle_of_a_pair(
    make: Builder, expected: str, opening: dict[str, Any], worker: dict[str, Any]
) -> None:
    assert obstacle(make.opening(**opening), make.worker(**worker), TODAY) == expected
