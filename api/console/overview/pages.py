"""Page of the overview: figures of the queues as charts and tables, by day and by station."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from api.console.admin.admin_forms import named
from api.console.overview.charts import BarChart, LineChart, bar_chart, line_chart, mark_path
from api.console.overview.station_map import located_stations, station_maps
from api.console.shell.rendering import page, spoken
from api.console.shell.translations import Say, say_in
from api.overview import service as overview
from api.overview.overview_query import Grouping
from api.overview.schemas import OverviewRow
from api.overview.scope_parameters import Reader, Scope
from api.ports.services import Given
from api.stations.service import stations_within
from roost.events.account import Permission
from roost.places.gazetteer import gazetteer

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
"""Most stations in a chart; the table lists all."""


@router.get("")
async def show_overview(request: Request, who: Reader, given: Given, scope: Scope) -> Response:
    """Show the figures of a period and of the stations chosen."""
    by_day = await overview.read_overview(given, scope, Grouping.DAY)
    by_station = await overview.read_overview(given, scope, Grouping.STATION)
    within = await stations_within(given, who, Permission.OVERVIEW_READ)
    say = say_in(spoken(request))
    chosen = [("stations", id) for id in request.query_params.getlist("stations")]
    period = [("from", str(by_day.first)), ("to", str(by_day.last))]
    return page(
        request,
        "overview/page.html",
        overview=by_day,
        days=by_day.rows,
        stations=by_station.rows,
        by_day=daily_chart(by_day.rows, say),
        first_contact=waiting_chart(by_station.rows, by_day.target_minutes),
        placements=placement_chart(by_station.rows),
        counted=COUNTED,
        choices=named(within),
        maps=station_maps(located_stations(within, by_station.rows), gazetteer()),
        dates=urlencode(period),
        chosen={id for _, id in chosen},
        query=urlencode([*period, *chosen]),
        mark_of=mark_path,
    )


def daily_chart(days: Sequence[OverviewRow], say: Say) -> LineChart:
    """Return a line for each of the waiting, claimed and placed matches."""
    labels = [f"{row.day:%m-%d}" for row in days]
    return line_chart(
        labels,
        [(say(f"overview.{name}"), [getattr(row, name) for row in days]) for name in DRAWN],
        whole=True,
    )


def waiting_chart(stations: Sequence[OverviewRow], target_minutes: float) -> BarChart | None:
    """Return the median wait for a first contact by station, longest first; None without any."""
    known = [
        (row.station_name or row.station or "", row.first_contact.p50_minutes)
        for row in stations
        if row.first_contact.p50_minutes is not None
    ]
    longest = sorted(known, key=lambda each: -each[1])[:MOST_BARS]
    return bar_chart(longest, target_minutes) if longest else None


def placement_chart(stations: Sequence[OverviewRow]) -> BarChart | None:
    """Return the placements in person-times by station, most first; None without any."""
    known = [(row.station_name or row.station or "", float(row.placed)) for row in stations]
    most = sorted((each for each in known if each[1] > 0), key=lambda each: -each[1])[:MOST_BARS]
    return bar_chart(most, None, whole=True) if most else None
