"""The overview: how a county's queues do, by day and by station."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.access import policy
from api.access.policy import Belonging, Reach
from api.access.principal import Principal
from api.access.requirements import allow
from api.lists import exports
from api.lists.paging import every
from api.overview import overview_export, questions, shaping
from api.overview.questions import MOST_DAYS, By, Period
from api.overview.schemas import Overview, Row
from api.ports.services import Given, Services
from roost.errors import invalid_field
from roost.events.account import Permission
from roost.events.common import StationId
from roost.topics import MATCHES, STATIONS
from roost.views.elastic import Json

router = APIRouter(prefix="/v1/overview", tags=["overview"])
Reader = Annotated[Principal, allow(Permission.OVERVIEW_READ)]
USUAL_DAYS = 14
AT_ONCE = 4
"""Stations that an export asks about side by side."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which days, and of which stations with their names."""

    period: Period
    names: Mapping[str, str]
    everywhere: bool

    @property
    def stations(self) -> list[str] | None:
        """None for all of them, also such as are in no registry any more."""
        return None if self.everywhere else list(self.names)


async def asked(
    given: Given,
    who: Reader,
    stations: Annotated[
        list[StationId] | None, Query(max_length=100, description="yours without it")
    ] = None,
    first: Annotated[date | None, Query(alias="from", description="two weeks without it")] = None,
    last: Annotated[date | None, Query(alias="to", description="today without it")] = None,
) -> Asked:
    """Raises Invalid for days that are none, NotFound for a station out of reach."""
    zone = given.settings.zone
    until = last or given.clock.now().astimezone(zone).date()
    period = Period(first or until - timedelta(days=USUAL_DAYS - 1), until, zone)
    if not period.first <= period.last < period.first + timedelta(days=MOST_DAYS):
        raise invalid_field(
            "from", f"goes before `to`, at most {MOST_DAYS} days", f"应早于 to，最多 {MOST_DAYS} 天"
        )
    for id in stations or ():
        policy.check(who, Permission.OVERVIEW_READ, Belonging(station_ids=(id,)), "station")
    names = await _names(given)
    everywhere = policy.reach(who, Permission.OVERVIEW_READ) is Reach.ALL and not stations
    chosen = stations or (list(names) if everywhere else who.station_ids)
    return Asked(period, {id: names.get(id, id) for id in chosen}, everywhere)


OfWhat = Annotated[Asked, Depends(asked)]


@router.get("", summary="Waiting, worked on, placed; time to first contact; by day or station")
async def read(given: Given, who: Reader, of: OfWhat, by: By = By.DAY) -> Overview:
    target = given.settings.first_contact_target_minutes
    answered = await _answered(given, of.period, by, of.stations)
    return shaping.overview(answered, of.period, by, of.names, target)


@router.get(
    "/export",
    response_class=Response,
    responses=exports.DOCUMENTED,
    summary="The same as a table: a row a day and station",
)
async def export(
    given: Given, who: Reader, of: OfWhat, format: exports.Format = exports.Format.XLSX
) -> Response:
    rows = await _of_every_station(given, of)
    name = f"roost-{of.period.first}-{of.period.last}"
    header = overview_export.header(who.language == "zh")
    return await asyncio.to_thread(
        exports.download, format, name, header, overview_export.cells(rows)
    )


async def _of_every_station(given: Services, of: Asked) -> list[Row]:
    at_once = asyncio.Semaphore(AT_ONCE)

    async def one(id: str, name: str) -> list[Row]:
        async with at_once:
            answered = await _answered(given, of.period, By.DAY, [id])
        named = {"station": id, "station_name": name}
        return [each.model_copy(update=named) for each in shaping.by_day(answered, of.period)]

    found = await asyncio.gather(*(one(id, name) for id, name in of.names.items()))
    return sorted(
        (row for rows in found for row in rows),
        key=lambda row: (str(row.day), row.station_name or "", row.station or ""),
    )


async def _answered(given: Services, period: Period, by: By, stations: list[str] | None) -> Json:
    target = timedelta(minutes=given.settings.first_contact_target_minutes)
    wanted = questions.aggregations(period, by, target, given.clock.now())
    _, answered = await given.elastic.aggregate(
        MATCHES.name, questions.query(stations), wanted, without=("exposure.each",)
    )
    return answered


async def _names(given: Services) -> dict[str, str]:
    """The names of the stations in the registry, by id."""
    return {
        each["id"]: each["fact"]["name"] async for each in every(given.elastic, STATIONS.name, [])
    }
