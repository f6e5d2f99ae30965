"""Overview: its query, the conversion of answers into figures, and tables without formulas."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from api.overview import overview_export
from api.overview.overview_answer import overview_of, rows_by_day, rows_by_station
from api.overview.overview_query import (
    EVENTS,
    Grouping,
    Period,
    overview_aggregations,
    station_matches,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
PERIOD = Period(date(2026, 11, 20), date(2026, 11, 22), SHANGHAI)
HOURS = timedelta(hours=4)


def part(total: int, buckets: dict[str, dict[str, Any]] | None = None, **inner: Any) -> Any:
    found = [{"key": key, "key_as_string": key, **each} for key, each in (buckets or {}).items()]
    return {"doc_count": total, "by": {"buckets": found}, **inner}


def first_contact(called: int, in_time: int, late: int, still_late: int) -> dict[str, Any]:
    return {
        "called": {"doc_count": called, "waited": {"values": {"50.0": 600.0, "90.0": 5400.0}}},
        "in_time": {"doc_count": in_time},
        "late": {"doc_count": late},
        "still_late": {"doc_count": still_late},
    }


def answered(**parts: Any) -> dict[str, Any]:
    return {name: part(0) for name in (*EVENTS, "left", "before")} | parts


def test_days_are_the_countys_own() -> None:
    assert PERIOD.begins.astimezone(UTC) == datetime(2026, 11, 19, 16, tzinfo=UTC)
    assert PERIOD.ends.astimezone(UTC) == datetime(2026, 11, 22, 16, tzinfo=UTC)
    asked = overview_aggregations(PERIOD, Grouping.DAY, HOURS, NOW)
    histogram = asked["claimed"]["aggs"]["by"]["date_histogram"]
    assert (histogram["field"], histogram["time_zone"]) == ("claimed_at", "Asia/Shanghai")


def test_every_event_is_asked_for_by_its_own_moment() -> None:
    asked = overview_aggregations(PERIOD, Grouping.STATION, HOURS, NOW)
    for name, field in EVENTS.items():
        assert field in asked[name]["filter"]["range"]
        assert asked[name]["aggs"]["by"]["terms"]["field"] == "station_id"
    assert station_matches(["s-1"])["bool"]["filter"] == [{"terms": {"station_id": ["s-1"]}}]


def test_who_waits_is_who_waited_before_and_came_and_has_not_left() -> None:
    rows = rows_by_day(
        answered(
            before=part(5),
            proposed=part(3, {"2026-11-20": {"doc_count": 2}, "2026-11-22": {"doc_count": 1}}),
            left=part(6, {"2026-11-21": {"doc_count": 6}}),
        ),
        PERIOD,
    )
    assert [row.waiting for row in rows] == [7, 1, 2]
    assert [row.day for row in rows] == PERIOD.days


def test_a_station_where_nothing_happened_is_told_too() -> None:
    found = answered(
        placed=part(2, {"s-b": {"doc_count": 2, "persons": {"value": 1}}}),
        before=part(4, {"s-b": {"doc_count": 4}}),
    )
    rows = rows_by_station(found, {"s-a": "甲站", "s-b": "乙站"})
    assert [row.station_name for row in rows] == ["乙站", "甲站"]
    assert (rows[0].placed, rows[0].persons, rows[0].waiting) == (2, 1, 4)
    assert (rows[1].placed, rows[1].waiting) == (0, 0)


def whole(proposed: Any) -> dict[str, Any]:
    return answered(
        proposed=proposed,
        placed=part(3, persons={"value": 2}),
        now={
            "states": {"buckets": [{"key": "proposed", "doc_count": 4}]},
            "breaches": {"doc_count": 1},
            "oldest": {"proposed": {"value_as_string": "2026-11-22T09:00:00.000Z"}},
        },
        exposure={
            "doc_count": 10,
            "workers": {"value": 4},
            "spread": {"values": {"50.0": 2.0, "90.0": 4.0, "100.0": 4.0}},
        },
    )


def test_the_share_in_time_is_of_those_of_whom_it_is_known() -> None:
    # 2 more were called after the target, and 5 are not called yet but still in time.
    found = whole(part(13, **first_contact(called=8, in_time=6, late=2, still_late=1)))
    seen = overview_of(found, PERIOD, Grouping.DAY, {}, 240.0).total.first_contact
    assert (seen.called, seen.in_time, seen.breaches) == (8, 6, 3)
    assert (seen.p50_minutes, seen.p90_minutes) == (10.0, 90.0)
    assert seen.share_in_time == pytest.approx(6 / 9, abs=1e-4)


def test_placements_are_person_times_and_persons_are_people() -> None:
    total = overview_of(whole(part(0)), PERIOD, Grouping.DAY, {}, 240.0).total
    assert (total.placed, total.persons) == (3, 2)


def test_exposure_is_told_of_all_who_can_be_compared() -> None:
    found = whole(part(0))
    seen = overview_of(found, PERIOD, Grouping.DAY, {}, 240.0).exposure
    assert (seen.workers, seen.mean, seen.p90, seen.most) == (4, 2.5, 4.0, 4)
    found["exposure"]["workers"]["value"] = 20_000
    seen = overview_of(found, PERIOD, Grouping.DAY, {}, 240.0).exposure
    assert (seen.p50, seen.most) == (None, 4)
    nobody = {"doc_count": 0, "workers": {"value": 0}}
    found["exposure"] = nobody | {"spread": {"values": dict.fromkeys(("50.0", "90.0", "100.0"))}}
    assert overview_of(found, PERIOD, Grouping.DAY, {}, 240.0).exposure.mean is None


def test_a_row_of_the_table_has_a_cell_for_every_column_in_both_languages() -> None:
    (row, *_) = rows_by_day(answered(), PERIOD)
    (cells,) = overview_export.rows_of_cells([row])
    assert (
        len(cells)
        == len(overview_export.header_cells(True))
        == len(overview_export.header_cells(False))
    )
