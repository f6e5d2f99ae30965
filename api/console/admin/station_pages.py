"""Pages of the registry of stations: list, register, edit."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.admin.station_hours_form import DAYS, PERIODS, shown_hours, submitted_hours
from api.console.shell.form_answers import WAIT_S, redirect_done, submit_form
from api.console.shell.form_layout import Layout, Typed, at
from api.console.shell.forms import Form
from api.console.shell.rendering import page
from api.lists.documents import fact_with_version
from api.ports.services import Given, Services
from api.stations import service as stations
from api.stations.service import all_stations
from api.writes.publishing import Written, searchable_within
from roost.events.account import Permission
from roost.events.common import StationId
from roost.events.station import StationContent, StationKind

router = APIRouter(prefix="/console/admin/stations", include_in_schema=False)
Writes = Annotated[Principal, allow(Permission.STATIONS_WRITE)]
HERE = "/console/admin/stations"
LAYOUT = Layout(
    texts=("identifier", "name", "kind", "place.name", "telephone", "language", *DAYS, PERIODS),
    lines=("serves",),
    places=("serves",),
)
KINDS = [kind.value for kind in StationKind]


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
    """Register a station, or show the form again with its errors."""

    async def register(content: StationContent) -> Written:
        return await stations.register_station(given, who, content)

    registered = await submit_form(request, LAYOUT, StationContent, register, new_station)
    if isinstance(registered, Form):
        return _station_page(request, None, registered)
    await searchable_within(given, registered, WAIT_S)
    return redirect_done(HERE, "saved")


@router.get("/{id}")
async def show_station(id: StationId, request: Request, who: Writes, given: Given) -> Response:
    """Show the form of a station."""
    return _station_page(request, await _stored(given, who, id))


@router.post("/{id}")
async def edit_station(id: StationId, request: Request, who: Writes, given: Given) -> Response:
    """Save a station's form, or show it again with its errors."""
    stored = await _stored(given, who, id)

    def wire(layout: Layout, typed: Typed) -> dict[str, Any]:
        return edited_station(stored, typed)

    async def put(content: StationContent) -> Written:
        return await stations.put_station(given, who, id, content)

    edited = await submit_form(request, LAYOUT, StationContent, put, wire)
    if isinstance(edited, Form):
        return _station_page(request, stored, edited)
    await searchable_within(given, edited, WAIT_S)
    return redirect_done(HERE, "saved")


def new_station(layout: Layout, typed: Typed) -> dict[str, Any]:
    """Return the submitted station."""
    return submitted_hours(layout.wire(typed))


def edited_station(stored: dict[str, Any], typed: Typed) -> dict[str, Any]:
    """Return the stored station with the submitted fields; fields outside the form stay."""
    body = submitted_hours(LAYOUT.wire(typed))
    if at(body, "place.name") == at(stored, "place.name"):
        body["place"] = stored["place"]
    read_only = {"id", "source", "version", "serves", "openingHours", "telephone"}
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
        form=form or Form(LAYOUT.shown(shown) | shown_hours(shown), {}),
        kinds=KINDS,
        days=DAYS,
        usual_hours=request.app.state.services.settings.station_hours,
        station=station,
    )


async def _stored(given: Services, who: Principal, id: str) -> dict[str, Any]:
    return fact_with_version(await stations.find_station(given, who, id))
