from __future__ import annotations

import math

from hypothesis import example, given
from hypothesis import strategies as st

from roost.places.cells import cells_around, cells_at
from roost.places.gazetteer import distance_km

latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)


def moved(latitude: float, longitude: float, bearing: float, km: float) -> tuple[float, float]:
    """Return the point at a distance in kilometres and a bearing (direct problem on a sphere)."""
    turn, phi, way = km / 6371.0088, math.radians(latitude), math.radians(bearing)
    sine = math.sin(phi) * math.cos(turn) + math.cos(phi) * math.sin(turn) * math.cos(way)
    north = math.asin(max(-1.0, min(1.0, sine)))
    east = math.radians(longitude) + math.atan2(
        math.sin(way) * math.sin(turn) * math.cos(phi), math.cos(turn) - math.sin(phi) * sine
    )
    return math.degrees(north), (math.degrees(east) + 540) % 360 - 180


@given(latitudes, longitudes, st.floats(0, 360), st.floats(0.1, 5_000), st.floats(0, 1))
@example(40.0, 179.99, 90.0, 30.0, 0.9)
@example(89.9, 10.0, 0.0, 50.0, 1.0)
def test_whoever_is_within_the_radius_shares_a_cell(
    latitude: float, longitude: float, bearing: float, radius: float, share: float
) -> None:
    there = moved(latitude, longitude, bearing, radius * share)
    if distance_km(latitude, longitude, *there) <= radius:
        around = set(cells_around((latitude, longitude), radius))
        assert not around.isdisjoint(cells_at(there))


@given(latitudes, longitudes, st.floats(0, 360), st.floats(3, 5_000), st.floats(1.5, 3))
def test_whoever_is_half_as_far_again_shares_none(
    latitude: float, longitude: float, bearing: float, radius: float, share: float
) -> None:
    there = moved(latitude, longitude, bearing, radius * share)
    if distance_km(latitude, longitude, *there) > 1.5 * radius:
        assert set(cells_around((latitude, longitude), radius)).isdisjoint(cells_at(there))


def test_a_circle_takes_few_cells() -> None:
    for latitude in (0.0, 40.0, 60.0):
        for radius in (5.0, 30.0, 100.0, 500.0):
            assert len(cells_around((latitude, 116.0), radius)) < 160
