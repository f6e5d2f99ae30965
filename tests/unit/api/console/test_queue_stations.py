"""The stations whose queues a page shows: those asked for, else the caller's."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import pytest

from api.access.principal import Principal
from api.console.queue.board import at_station
from api.console.queue.filters import Filters, filters_from_query
from roost import ids
from roost.errors import NotFound
from roost.events.account import AccountRole
from roost.time.clock import FixedClock
from tests.unit.api.builders import NOW
from tests.unit.api.services import services_with

STATION, TWO = ids.station_id("one"), ids.station_id("two")
OWN = [(STATION, "太原站"), (TWO, "大同站")]


class BusyStations:
    """A view with more active matches at the second station."""

    async def tallies(self, view: str, asked: Any) -> list[dict[str, int]]:
        return [{STATION: 1, TWO: 2}]


@pytest.mark.parametrize(
    ("asked", "works_at", "own", "shown"),
    [
        (STATION, (STATION, TWO), OWN, (STATION,)),
        ("", (TWO,), OWN, (TWO,)),
        ("", (STATION, TWO), OWN, (STATION, TWO)),
        ("all", (STATION, TWO), OWN, (STATION, TWO)),
        ("all", (), OWN, (STATION, TWO)),
        ("", (), OWN, (TWO,)),
        ("", (), [], ()),
        ("all", (), [], ()),
    ],
)
async def test_a_queue_is_that_of_the_stations_asked_for_else_of_the_callers(
    asked: str, works_at: tuple[str, ...], own: list[tuple[str, str]], shown: tuple[str, ...]
) -> None:
    given = services_with(elastic=BusyStations(), clock=FixedClock(NOW))
    who = Principal("u-li", AccountRole.CLERK, "李娜", station_ids=works_at)
    filters = await at_station(given, who, filters_from_query({"station": asked}), own)
    assert filters.stations == shown
    again = await at_station(given, who, filters_from_query(dict(parse_qsl(filters.address))), own)
    assert again == filters, "the address leads to the same queue"


async def test_a_station_out_of_reach_is_not_found() -> None:
    who = Principal("u-li", AccountRole.CLERK, "李娜", station_ids=(STATION,))
    with pytest.raises(NotFound):
        await at_station(services_with(clock=FixedClock(NOW)), who, Filters(TWO), OWN[:1])
