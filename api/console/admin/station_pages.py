"""Pages of the registry of stations: list, register, edit."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.shell.form_answers import WAIT_S, done, submit_form
from api.console.shell.form_layout import Layout, Typed, at
from api.console.shell.forms import Form
from api.console.shell.rendering import page
from api.guards.conditional import ANYTHING
from api.lists.documents import existing_document, fact_with_version
from api.lists.paging import every
from api.ports.services import Given, Services
from api.stations import endpoints as stations
from api.writes.publishing import Accepted
from roost import ids
from roost.errors import Conflict, FieldError
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
    """Return every station in the registry, with its version."""
    return [fact_with_version(each) async for each in every(given.elastic, STATIONS.name, [])]


@router.get("")
async def list_stations(request: Request, who: Writes, given: Given) -> Response:
    order = {kind: number for number, kind in enumerate(KINDS)}
    found = await all_stations(given)
    found.sort(key=lambda each: (order[each.get("kind", "branch")], each["name"]))
    return page(request, "admin/stations.html", stations=found)


@router.get("/new")
async def show_new_station(request: Request, who: Writes) -> Response:
    return _station_page(request, None)


@router.post("/new")
async def register_station(request: Request, who: Writes, given: Given) -> Response:
    async def register(content: StationContent) -> Accepted:
        id = ids.station_id(content.identifier)
        stored = await given.elastic.get(STATIONS.name, id)
        if stored is not None and not stored.get("erased"):
            raise _code_taken()
        return await _put(id, content, who, given)

    registered = await submit_form(request, LAYOUT, StationContent, register)
    if isinstance(registered, Form):
        return _station_page(request, None, registered)
    return done(HERE, "saved")


@router.get("/{id}")
async def show_station(id: StationId, request: Request, who: Writes, given: Given) -> Response:
    return _station_page(request, await _stored(given, id))


@router.post("/{id}")
async def edit_station(id: StationId, request: Request, who: Writes, given: Given) -> Response:
    stored = await _stored(given, id)

    def wire(layout: Layout, typed: Typed) -> dict[str, Any]:
        return edited_station(stored, typed)

    async def put(content: StationContent) -> Accepted:
        return await _put(id, content, who, given)

    edited = await submit_form(request, LAYOUT, StationContent, put, wire)
    if isinstance(edited, Form):
        return _station_page(request, stored, edited)
    return done(HERE, "saved")


def edited_station(stored: dict[str, Any], typed: Typed) -> dict[str, Any]:
    """Return the stored station with the submitted fields; fields outside the form stay."""
    body = LAYOUT.wire(typed)
    if at(body, "place.name") == at(stored, "place.name"):
        body["place"] = stored["place"]
    read_only = {"id", "source", "version", "serves"}
    kept = {name: value for name, value in stored.items() if name not in read_only}
    return kept | body | {"identifier": stored["identifier"]}


def _station_page(
    request: Request, station: dict[str, Any] | None, form: Form | None = None
) -> Response:
    """Return the form of a station, or of a new one; with errors if it was refused."""
    shown = station or {"kind": StationKind.BRANCH.value, "language": "zh"}
    return page(
        request,
        "admin/station.html",
        status=422 if form else 200,
        form=form or Form(LAYOUT.shown(shown), {}),
        kinds=KINDS,
        station=station,
    )


async def _stored(given: Services, id: str) -> dict[str, Any]:
    document = await existing_document(given.elastic, STATIONS.name, id, "station", "服务站")
    return fact_with_version(document)


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


def _code_taken() -> Conflict:
    message, message_zh = "A station with this code exists; edit that one", "该编号的服务站已存在"
    return Conflict(message, message_zh, fields=(FieldError("identifier", message, message_zh),))
