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
from api.guards.conditional import ANYTHING
from api.lists.documents import existing_document, fact_with_version
from api.lists.paging import every
from api.ports.services import Given, Services
from api.stations import endpoints as stations
from api.writes.publishing import Accepted
from roost import ids
from roost.errors import Conflict, FieldError, RoostError
from roost.events.account import Permission
from roost.events.common import StationId
from roost.events.station import StationContent, StationKind
from roost.topics import STATIONS

router = APIRouter(prefix="/console/admin/stations", include_in_schema=False)
Writes = Annotated[Principal, allow(Permission.STATIONS_WRITE)]
HERE = "/console/admin/stations"
LAYOUT = Layout(texts=("identifier", "name", "kind", "place.name", "language"), lines=("serves",))
KINDS = [kind.value for kind in StationKind]


async def all_stations(given: Services) -> list[dict[str, Any]]:
    """Every station, as it stands."""
    return [fact_with_version(each) async for each in every(given.elastic, STATIONS.name, [])]


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

    async def putting() -> Accepted:
        content = checked(StationContent, LAYOUT.wire(typed))
        id = ids.station_id(content.identifier)
        known = await given.elastic.get(STATIONS.name, id)
        if known is not None and not known.get("erased"):
            raise _taken()
        return await _put(id, content, who, given)

    outcome = await taken(putting())
    if isinstance(outcome, RoostError):
        form = again(request, LAYOUT, typed, outcome)
        return page(request, "admin/station.html", status=422, form=form, kinds=KINDS, station=None)
    return done(HERE, "saved")


@router.get("/{id}")
async def read(id: StationId, request: Request, who: Writes, given: Given) -> Response:
    station = fact_with_version(
        await existing_document(given.elastic, STATIONS.name, id, "station", "服务站")
    )
    form = Form(LAYOUT.shown(station), {})
    return page(request, "admin/station.html", form=form, kinds=KINDS, station=station)


@router.post("/{id}")
async def edit(id: StationId, request: Request, who: Writes, given: Given) -> Response:
    typed = await typed_in(request, LAYOUT)
    station = fact_with_version(
        await existing_document(given.elastic, STATIONS.name, id, "station", "服务站")
    )

    async def putting() -> Accepted:
        return await _put(id, checked(StationContent, edited(station, typed)), who, given)

    outcome = await taken(putting())
    if isinstance(outcome, RoostError):
        form = again(request, LAYOUT, typed, outcome)
        return page(
            request, "admin/station.html", status=422, form=form, kinds=KINDS, station=station
        )
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


async def _put(id: str, content: StationContent, who: Principal, given: Services) -> Accepted:
    return await stations.put(
        id=id,
        content=content,
        who=who,
        given=given,
        wait=WAIT_S,
        response=Response(),
        expected=ANYTHING,
    )


def _taken() -> Conflict:
    message, message_zh = "There is a station of this code; edit that one", "该编号的服务站已存在"
    return Conflict(message, message_zh, fields=(FieldError("identifier", message, message_zh),))
