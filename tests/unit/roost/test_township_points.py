"""Points of townships: their own where the source has one, else the county's."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.located_places import locate_place
from roost.constraints.needs import locate
from roost.events.common import Place
from roost.places.gazetteer import distance_km, gazetteer
from roost.places.place_search import find_place
from roost.places.township_points import TownshipPoints, written_points

NOW = datetime(2026, 11, 30, tzinfo=UTC)
OWN = find_place("甘肃省酒泉市肃州区总寨镇").key
OTHER = find_place("甘肃省酒泉市肃州区上坝镇").key
FILE = Path("roost/data/places/cn_township_points.txt")
COUNTY = "cn:620902"


def borrowing() -> str:
    """Return a township of the county that has no point in the file."""
    townships = gazetteer().townships("cn")
    assert townships is not None
    keys = (f"cn:{code}" for code in townships.names_in(COUNTY.removeprefix("cn:")))
    return next(key for key in keys if not gazetteer().measured(key))


def test_two_townships_of_one_county_are_apart() -> None:
    known = gazetteer()
    here, there = known.coordinates(OWN), known.coordinates(OTHER)
    assert here is not None
    assert there is not None
    assert 5 < distance_km(*here, *there) < 40
    assert (known.measured(OWN), known.point_holder(OWN)) == (True, OWN)


def test_a_township_without_a_point_has_its_countys() -> None:
    known, key = gazetteer(), borrowing()
    assert known.coordinates(key) == known.coordinates(COUNTY)
    assert (known.measured(key), known.point_holder(key)) == (False, COUNTY)


def test_every_point_belongs_to_a_township_near_its_county() -> None:
    known = gazetteer()
    lines = [line.split(" ", 1) for line in FILE.read_text(encoding="utf-8").splitlines()]
    codes = [county + part[:3] for county, parts in lines for part in parts.split("|")]
    assert len(codes) > 10_000
    for code in codes:
        point, outer = known.coordinates(f"cn:{code}"), known.coordinates(f"cn:{code[:6]}")
        assert point is not None
        assert outer is not None
        assert known.level(f"cn:{code}") == "township"
        assert distance_km(*point, *outer) < 400, code


def test_a_stored_point_borrowed_by_an_earlier_release_gives_way() -> None:
    known = gazetteer()
    latitude, longitude = known.coordinates(COUNTY) or (0.0, 0.0)
    stored = Place(
        name="总寨镇",
        code=OWN.removeprefix("cn:"),
        scheme="cn",
        latitude=latitude,
        longitude=longitude,
    )
    assert locate(stored, known)[1] == known.coordinates(OWN)
    assert known.best_point(OWN, (latitude, longitude)) == (known.coordinates(OWN), True)


def test_another_stored_point_counts() -> None:
    known = gazetteer()
    assert known.best_point(OWN, (39.5, 98.5)) == ((39.5, 98.5), True)
    assert known.best_point(borrowing(), (39.5, 98.5)) == ((39.5, 98.5), True)
    assert known.best_point(borrowing(), None) == (known.coordinates(COUNTY), False)


def test_a_located_place_has_the_townships_point() -> None:
    located = locate_place(Place(name="酒泉市肃州区总寨镇人民路1号"), "home")
    assert (located.latitude, located.longitude) == gazetteer().coordinates(OWN)


POINTS = st.dictionaries(
    st.from_regex(r"[1-9][0-9]{8}", fullmatch=True),
    st.tuples(st.integers(3_000, 54_000), st.integers(73_000, 136_000)),
    max_size=20,
)


@given(points=POINTS)
def test_written_points_are_read_again(
    points: dict[str, tuple[int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("points") / "p.txt"
    degrees = {code: (a / 1_000, b / 1_000) for code, (a, b) in points.items()}
    path.write_text(written_points(degrees), encoding="utf-8")
    read = TownshipPoints(path)
    assert {code: read.get(code) for code in points} == degrees
    assert read.get("000000000") is None
