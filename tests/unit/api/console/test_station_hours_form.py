"""Opening hours in the form of a station come out as they were put in."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.console.admin.station_hours_form import PERIODS, shown_hours, submitted_hours
from api.console.admin.station_pages import LAYOUT, edited_station
from roost.errors import Invalid
from roost.events.opening_hours import WEEK, stored_hours
from roost.time.station_hours import CountyHours
from tests.unit.roost.test_station_hours import CHINA

WEEKDAYS = [day.value for day in WEEK[:5]]
FORENOON = {"dayOfWeek": WEEKDAYS, "opens": "08:30", "closes": "12:00"}
AFTERNOON = {"dayOfWeek": WEEKDAYS, "opens": "14:30", "closes": "18:00"}


def submitted(*days: str, periods: str = "") -> dict[str, Any]:
    week = {str(number): text for number, text in enumerate(days, 1)}
    return submitted_hours({"name": "x", "hours": week, "periods": periods})


def test_equal_days_become_one_entry() -> None:
    found = submitted(*["08:30-12:00 14:30-18:00"] * 5)
    assert found == {"name": "x", "openingHours": [FORENOON, AFTERNOON]}
    assert submitted() == {"name": "x"}


@pytest.mark.parametrize(
    "text",
    ["8:30-12:00,14:30-18:00", "８：３０－１２：００、14:30～18:00", "8:30至12:00；14:30 – 18:00"],
)
def test_hours_are_read_as_people_type_them(text: str) -> None:
    week = submitted(text)["openingHours"]
    assert [(each["opens"], each["closes"]) for each in week] == [
        ("08:30", "12:00"),
        ("14:30", "18:00"),
    ]


def test_periods_are_lines() -> None:
    found = submitted(periods="2026-10-01 2026-10-02 9:00-12:00\n2026-12-24：休息\n")
    assert found["openingHours"] == [
        {
            "validFrom": "2026-10-01",
            "validThrough": "2026-10-02",
            "opens": "09:00",
            "closes": "12:00",
        },
        {"validFrom": "2026-12-24", "validThrough": "2026-12-24"},
    ]


@pytest.mark.parametrize(
    ("days", "periods", "fields"),
    [
        (["9-12"], "", ["hours.1"]),
        (["", "09:00-09:00", "x"], "", ["hours.2", "hours.3"]),
        ([], "2026-10-01", ["periods"]),
        ([], "2026-13-01 closed", ["periods"]),
        ([], "closed", ["periods"]),
        ([], "2026-10-01 2026-10-02 2026-10-03 closed", ["periods"]),
    ],
)
def test_each_fault_is_at_its_field(days: list[str], periods: str, fields: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        submitted(*days, periods=periods)
    assert [each.field for each in refused.value.fields] == fields


def test_an_edit_of_the_name_keeps_the_hours_and_emptied_days_remove_them() -> None:
    stored = {
        "id": "s-1",
        "identifier": "one",
        "name": "One",
        "kind": "branch",
        "place": {"name": "Here"},
        "language": "zh",
        "openingHours": [FORENOON, {"validFrom": "2026-10-01", "validThrough": "2026-10-01"}],
    }
    typed = LAYOUT.shown(stored) | shown_hours(stored)
    assert edited_station(stored, typed)["openingHours"] == stored["openingHours"]
    emptied = {name: "" if name.startswith("hours.") else text for name, text in typed.items()}
    assert "openingHours" not in edited_station(stored, emptied | {PERIODS: ""})


CLOCK = st.integers(0, 24 * 60 - 1).map(lambda at: f"{at // 60:02}:{at % 60:02}")
ENTRIES = st.lists(
    st.fixed_dictionaries(
        {
            "dayOfWeek": st.lists(st.sampled_from([each.value for each in WEEK]), unique=True),
            "opens": CLOCK,
            "closes": CLOCK,
            "validFrom": st.dates(date(2026, 9, 1), date(2026, 9, 10)).map(str),
            "validThrough": st.dates(date(2026, 9, 11), date(2026, 9, 20)).map(str),
        }
    ).filter(lambda each: each["opens"] != each["closes"]),
    max_size=3,
)


@given(ENTRIES)
def test_hours_of_any_station_survive_an_edit_of_something_else(
    entries: list[dict[str, Any]],
) -> None:
    def hours(stated: Any) -> list[Any]:
        schedule = CountyHours.stated(CHINA, stored_hours(stated))
        days = (date(2026, 9, number) for number in range(1, 25))
        return [schedule.intervals(day) for day in days]

    form = shown_hours({"openingHours": [FORENOON, AFTERNOON, *entries]})
    week = {name.removeprefix("hours."): text for name, text in form.items() if name != PERIODS}
    body = submitted_hours({"hours": week, PERIODS: form[PERIODS]})
    assert hours(body["openingHours"]) == hours([FORENOON, AFTERNOON, *entries])
