"""Map of stations: everything lies inside the drawing, and every station is on it once."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.console.overview.station_map import (
    LARGEST,
    SMALLEST,
    WIDTH,
    Located,
    hull,
    located_stations,
    station_maps,
)
from api.overview.schemas import OverviewRow
from roost.places.gazetteer import gazetteer

CITIES = ("cn:1401", "cn:1402", "cn:1101", "cn:4406", "cn:4601", "cn:140105", "cn:1305")
coordinates = st.tuples(st.integers(-50, 50), st.integers(-50, 50))
stations = st.builds(
    Located,
    st.integers(1, 999).map(lambda number: f"s-{number}"),
    st.text(max_size=5),
    st.sampled_from(CITIES),
    st.integers(0, 5_000),
    st.integers(0, 100),
)


def place(scheme: str, code: str) -> dict[str, str]:
    return {"scheme": scheme, "code": code, "name": code}


@given(st.lists(stations, min_size=1, max_size=40, unique_by=lambda each: each.id))
def test_every_station_is_drawn_once_and_inside(found: Sequence[Located]) -> None:
    [drawn] = station_maps(found, gazetteer())
    assert sorted(each.id for circle in drawn.circles for each in circle.stations) == sorted(
        each.id for each in found
    )
    for circle in drawn.circles:
        assert SMALLEST <= circle.radius <= LARGEST
        assert circle.radius <= circle.x <= WIDTH - circle.radius
        assert circle.radius <= circle.y <= drawn.height - circle.radius
    counts = [each.proposed for each in drawn.circles]
    assert counts == sorted(counts, reverse=True)
    for outline in drawn.outlines:
        for pair in outline.points.split():
            x, y = map(float, pair.split(","))
            assert 0 <= x <= WIDTH
            assert 0 <= y <= drawn.height


@given(st.lists(coordinates, min_size=3, max_size=60))
def test_no_point_lies_outside_the_hull(points: list[tuple[float, float]]) -> None:
    around = hull(points)
    for first, second in zip(around, [*around[1:], *around[:1]], strict=True):
        for x, y in points if len(around) > 2 else ():
            turn = (second[0] - first[0]) * (y - first[1]) - (second[1] - first[1]) * (x - first[0])
            assert turn >= 0


def test_each_country_has_its_map_and_the_home_province_its_outline() -> None:
    found = [
        Located("s-1", "太原站", "cn:1401", 9, 1),
        Located("s-2", "大同站", "cn:1402", 4, 0),
        Located("s-3", "Brooklyn", "nyc:brooklyn", 100, 0),
    ]
    china, abroad = station_maps(found, gazetteer())
    assert [each.name for each in china.outlines] == ["山西省"]
    assert [each.place for each in china.circles] == ["太原市", "大同市"]
    north, south = china.circles[1], china.circles[0]
    assert north.y < south.y, "north is above"
    assert [each.proposed for each in abroad.circles] == [100]


def test_stations_without_a_known_place_or_out_of_reach_are_left_out() -> None:
    rows = [
        OverviewRow(station="s-1", station_name="太原站", proposed=3),
        OverviewRow(station="s-2", station_name="无处", proposed=3),
        OverviewRow(station="s-3", station_name="别处", proposed=3),
    ]
    registry = [
        {"id": "s-1", "place": place("cn", "1401")},
        {"id": "s-2", "place": {"name": "无处"}},
    ]
    found = located_stations(registry, rows)
    [drawn] = station_maps(found, gazetteer())
    assert [each.id for circle in drawn.circles for each in circle.stations] == ["s-1"]
    assert station_maps([], gazetteer()) == []


@pytest.mark.parametrize("count", [1, 2])
def test_a_single_place_has_a_map_too(count: int) -> None:
    found = [Located(f"s-{at}", "站", "nyc:brooklyn", 0, 0) for at in range(count)]
    [drawn] = station_maps(found, gazetteer())
    assert len(drawn.circles) == 1
