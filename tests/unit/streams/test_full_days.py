"""Workers whose day is full are left out of the first search for openings of the same kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from streams.match.full_days import PER_KIND, FullDays
from tests.unit.streams.test_capacity import opening

TODAY = date(2026, 7, 1)


def test_full_workers_are_known_for_openings_of_the_same_kind_only() -> None:
    days, other = FullDays(), replace(opening(), occupations=("another",))
    days.add(opening(), ["w-1"], TODAY)
    assert days.of(replace(opening(), id="o-2"), TODAY) == {"w-1"}
    assert days.of(other, TODAY) == frozenset()


def test_with_the_next_day_nobody_is_full() -> None:
    days = FullDays()
    days.add(opening(), ["w-1"], TODAY)
    assert days.of(opening(), TODAY + timedelta(days=1)) == frozenset()
    assert days.of(opening(), TODAY) == frozenset()


def test_the_last_counted_workers_are_kept() -> None:
    days = FullDays()
    days.add(opening(), [f"w-{number}" for number in range(PER_KIND)], TODAY)
    days.add(opening(), ["w-0", "w-new"], TODAY)
    kept = days.of(opening(), TODAY)
    assert len(kept) == PER_KIND
    assert {"w-0", "w-new"} <= kept
    assert "w-1" not in kept
