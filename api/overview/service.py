"""Use cases of the overview: the figures of the queues by day or station, and their export."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from api.access import policy
from api.access.policy import Belonging, Reach
from api.access.principal import Principal
from api.lists.clauses import check_order
from api.lists.exports import Table
from api.lists.paging import every
from api.overview import overview_export
from api.overview.overview_answer import overview_of, rows_by_day
from api.overview.overview_query import (
    MOST_DAYS,
    Grouping,
    Period,
    overview_aggregations,
    station_matches,
)
from api.overview.schemas import Overview, OverviewRow
from api.ports.services import Services
from roost.errors import invalid_field
from roost.events.account import Permission
from roost.topics import MATCHES, STATIONS
from roost.views.elastic import Json

USUAL_DAYS = 14
YEARS = range(1970, 3000)
AT_ONCE = 4
"""Most stations that an export queries concurrently."""


@dataclass(frozen=True, slots=True)
class OverviewScope:
    """Period and stations of an overview, authorised for its caller."""

    period: Period
    names: Mapping[str, str]
    """Names of the stations, by id."""
    everywhere: bool

    @property
    def stations(self) -> list[str] | None:
        """Ids of the stations; None for all, including those removed from the registry."""
        return None if self.everywhere else list(self.names)


async def scope_of(
    given: Services,
    who: Principal,
    *,
    stations: Sequence[str] | None = None,
    first: date | None = None,
    last: date | None = None,
) -> OverviewScope:
    """Return the scope: by default the caller's stations and the last `USUAL_DAYS` days.

    Raises Invalid for a period that is empty or too long, and NotFound for a station out of reach.
    """
    until = last or given.today
    for name, day in (("to", until), ("from", first or until)):
        if day.year not in YEARS:
            raise invalid_field(name, "is a day of 1970 to 2999", "应为 1970 年至 2999 年的日期")
    period = Period(first or until - timedelta(days=USUAL_DAYS - 1), until, given.settings.zone)
    check_order(("from", "to"), period.first, period.last)
    if not period.last < period.first + timedelta(days=MOST_DAYS):
        raise invalid_field(
            "from",
            f"is at most {MOST_DAYS} days before `to`",
            f"与 to 相距不能超过 {MOST_DAYS} 天",
        )
    for id in stations or ():
        policy.check(who, Permission.OVERVIEW_READ, Belonging(station_ids=(id,)), "station")
    names = await _station_names(given)
    everywhere = policy.reach(who, Permission.OVERVIEW_READ) is Reach.ALL and not stations
    chosen = stations or (list(names) if everywhere else who.station_ids)
    return OverviewScope(period, {id: names.get(id, id) for id in chosen}, everywhere)


async def read_overview(given: Services, scope: OverviewScope, by: Grouping) -> Overview:
    """Return the figures of a scope, with a row for each day or station."""
    answered = await _answered(given, scope.period, by, scope.stations)
    target = given.settings.first_contact_target_minutes
    return overview_of(answered, scope.period, by, scope.names, target)


async def export_overview(given: Services, who: Principal, scope: OverviewScope) -> Table:
    """Return the figures of a scope as a table with a row for each day and station."""
    rows = await _rows_of_stations(given, scope)
    chinese = who.language == "zh"
    return Table(
        overview_export.sheet_name(chinese),
        overview_export.header_cells(chinese),
        list(overview_export.rows_of_cells(rows)),
        given.settings.zone,
    )


async def _rows_of_stations(given: Services, scope: OverviewScope) -> list[OverviewRow]:
    at_once = asyncio.Semaphore(AT_ONCE)

    async def rows_of(id: str, name: str) -> list[OverviewRow]:
        async with at_once:
            answered = await _answered(given, scope.period, Grouping.DAY, [id])
        named = {"station": id, "station_name": name}
        return [each.model_copy(update=named) for each in rows_by_day(answered, scope.period)]

    found = await asyncio.gather(*(rows_of(id, name) for id, name in scope.names.items()))
    return sorted(
        (row for rows in found for row in rows),
        key=lambda row: (str(row.day), row.station_name or "", row.station or ""),
    )


async def _answered(
    given: Services, period: Period, by: Grouping, stations: list[str] | None
) -> Json:
    target = timedelta(minutes=given.settings.first_contact_target_minutes)
    wanted = overview_aggregations(period, by, target, given.clock.now())
    _, answered = await given.elastic.aggregate(
        MATCHES.name, station_matches(stations), wanted, without=("exposure.each",)
    )
    return answered


async def _station_names(given: Services) -> dict[str, str]:
    """Return the names of the stations in the registry, by id."""
    return {
        each["id"]: each["fact"]["name"] async for each in every(given.elastic, STATIONS.name, [])
    }
