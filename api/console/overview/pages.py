"""The overview: how the queues do, drawn and as tables, by day and by station."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from api.access import policy
from api.access.policy import Reach
from api.access.principal import Principal
from api.console.admin.station_pages import all_stations
from api.console.overview.charts import bars, lines, mark
from api.console.shell.rendering import page, spoken
from api.console.shell.translations import Say, say_in
from api.overview import endpoints as overview
from api.overview.endpoints import OfWhat, Reader
from api.overview.questions import By
from api.overview.schemas import Row
from api.ports.services import Given
from roost.events.account import Permission

router = APIRouter(prefix="/console/overview", include_in_schema=False)
DRAWN = ("waiting", "claimed", "placed")
COUNTED = (
    "proposed",
    "waiting",
    "claimed",
    "contacted",
    "accepted",
    "referred",
    "interviewed",
    "placed",
    "persons",
    "declined",
    "expired",
)
MOST_BARS = 20
"""Stations that are drawn; the table names all."""


@router.get("")
async def read(request: Request, who: Reader, given: Given, of: OfWhat) -> Response:
    by_day = await overview.read(given=given, who=who, of=of, by=By.DAY)
    by_station = await overview.read(given=given, who=who, of=of, by=By.STATION)
    say = say_in(spoken(request))
    chosen = [("stations", id) for id in request.query_params.getlist("stations")]
    period = [("from", str(by_day.first)), ("to", str(by_day.last))]
    return page(
        request,
        "overview/page.html",
        overview=by_day,
        days=by_day.rows,
        stations=by_station.rows,
        by_day=drawn(by_day.rows, say),
        first_contact=waited(by_station.rows, by_day.target_minutes),
        placements=placed(by_station.rows),
        counted=COUNTED,
        choices=await _choices(given, who),
        chosen={id for _, id in chosen},
        query=urlencode([*period, *chosen]),
        mark_of=mark,
    )


def drawn(days: Sequence[Row], say: Say) -> Any:
    """The course of what waits, is claimed and is placed."""
    labels = [f"{row.day:%m-%d}" for row in days]
    return lines(
        labels,
        [(say(f"overview.{name}"), [getattr(row, name) for row in days]) for name in DRAWN],
    )


def waited(stations: Sequence[Row], target_minutes: float) -> Any:
    """The median wait for a first contact, the longest first, of stations that have one."""
    known = [
        (row.station_name or row.station or "", row.first_contact.p50_minutes)
        for row in stations
        if row.first_contact.p50_minutes is not None
    ]
    longest = sorted(known, key=lambda each: -each[1])[:MOST_BARS]
    return bars(longest, target_minutes) if longest else None


def placed(stations: Sequence[Row]) -> Any:
    """Placements in person-times, the most first."""
    known = [(row.station_name or row.station or "", float(row.placed)) for row in stations]
    most = sorted((each for each in known if each[1] > 0), key=lambda each: -each[1])[:MOST_BARS]
    return bars(most, None) if most else None


async def _choices(given: Given, who: Principal) -> list[tuple[str, str]]:
    """The stations that can be looked at alone."""
    all = policy.reach(who, Permission.OVERVIEW_READ) is Reach.ALL
    found = [(each["id"], each["name"]) for each in await all_stations(given)]
    mine = [each for each in found if all or each[0] in who.station_ids]
    return sorted(mine, key=lambda each: each[1])
