"""The registry of stations: listed, put in, edited."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.shell.form_answers import WAIT_S, again, done, typed_in
from api.console.shell.form_layout import Layout, Typed, at
from api.console.shell.forms import Form, taken
from api.console.shell.plain import checked
from api.console.shell.rendering import page
from api.lists.documents import fact_with_version
from api.ports.services import Given
from api.stations import service as stations
from api.stations.service import all_stations
from api.writes.publishing import Written, searchable_within
from roost.errors import RoostError
from roost.events.account import Permission
from roost.events.common import StationId
from roost.events.station import StationContent, StationKind

router = APIRouter(prefix="/console/admin/stations", include_in_schema=False)
Writes = Annotated[Principal, allow(Permission.STATIONS_WRITE)]
HERE = "/console/admin/stations"
LAYOUT = Layout(texts=("identifier", "name", "kind", "place.name", "language"), lines=("serves",))
KINDS = [kind.value for kind in StationKind]


@router.get("")
async def list_stations(request: Request, who: Writes, given: Given) -> Response:
    order = {kind: number for number, kind in enumerate(KINDS)}
    found = await all_stations(given)
    found.sort(key=lambda each: (order[each.get("kind", "branch")], each["name"]))
    return page(
        request, "admin/stations.html", stations=found, done=request.query_params.get("done")
    )


@router.get("/new")
async def blank(request: Request, who: Writes) -> Response:
    form = Form(LAYOUT.shown({"kind": StationKind.BRANCH.value, "language": "zh"}), {})
    return page(request, "admin/station.html", form=form, kinds=KINDS, station=None)


@router.post("/new")
async def put_new(request: Request, who: Writes, given: Given) -> Response:
    typed = await typed_in(request, LAYOUT)

    async def register() -> Written:
        content = checked(StationContent, LAYOUT.wire(typed))
        return await stations.register_station(given, who, content)

    outcome = await taken(register())
    if isinstance(outcome, RoostError):
        form = again(request, LAYOUT, typed, outcome)
        return page(request, "admin/station.html", status=422, form=form, kinds=KINDS, station=None)
    await searchable_within(given, outcome, WAIT_S)
    return done(HERE, "saved")


@router.get("/{id}")
async def read(id: StationId, request: Request, who: Writes, given: Given) -> Response:
    station = fact_with_version(await stations.find_station(given, who, id))
    form = Form(LAYOUT.shown(station), {})
    return page(request, "admin/station.html", form=form, kinds=KINDS, station=station)


@router.post("/{id}")
async def edit(id: StationId, request: Request, who: Writes, given: Given) -> Response:
    typed = await typed_in(request, LAYOUT)
    station = fact_with_version(await stations.find_station(given, who, id))

    async def put() -> Written:
        content = checked(StationContent, edited(station, typed))
        return await stations.put_station(given, who, id, content)

    outcome = await taken(put())
    if isinstance(outcome, RoostError):
        form = again(request, LAYOUT, typed, outcome)
        return page(
            request, "admin/station.html", status=422, form=form, kinds=KINDS, station=station
        )
    await searchable_within(given, outcome, WAIT_S)
    return done(HERE, "saved")


def edited(station: dict[str, Any], typed: Typed) -> dict[str, Any]:
    """What the form does not show stays as it is."""
    said = LAYOUT.wire(typed)
    if at(said, "place.name") == at(station, "place.name"):
        said["place"] = station["place"]
    kept = {
        name: value
        for name, value in station.items()
        if name not in {"id", "source", "version", "serves"}
    }
    return kept | said | {"identifier": station["identifier"]}
