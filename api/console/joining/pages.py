"""Pages of a sign-up by the person: the form of a station, the code, and the poster."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup
from starlette.background import BackgroundTask

from api.access import policy
from api.access.client_address import origin_of
from api.access.policy import Belonging
from api.access.principal import Principal
from api.access.qr_codes import qr_svg
from api.access.requirements import allow
from api.console.profiles import profile_form
from api.console.shell.form_answers import form_with_faults, read_form, refilled_form
from api.console.shell.form_layout import TICKED, Layout, Typed
from api.console.shell.forms import Form, blank, catch_refusal, fields_of
from api.console.shell.rendering import page, spoken
from api.console.sign_in.entering import let_in
from api.guards.open_paths import JOIN
from api.joining import service
from api.ports.services import Given, Services
from roost.errors import FieldError, RoostError
from roost.events.account import Permission
from roost.events.common import StationId, WageUnit
from roost.security.county_key import derived
from roost.security.sealing import seal, unseal

router = APIRouter(include_in_schema=False, tags=["console"])
Staff = Annotated[Principal, allow(Permission.STATIONS_READ)]
OWN = "/console/me/profile?done=joined"
KNOWN = "/console/me/profile?done=known"
LAYOUT = Layout(
    texts=(
        "name",
        "channels.sms",
        "home.name",
        "location.name",
        "experienceYears",
        "wageWanted.minValue",
    ),
    lines=("occupationsWanted", "skills"),
    ticks=("ofAge", "consent"),
)
CODE = Layout(texts=("code",))
LONGEST = 40


@router.get(f"{JOIN}/{{station}}")
async def show_form(station: StationId, request: Request, given: Given) -> Response:
    """Show the form to sign up at a station."""
    return _form_page(request, await service.find_station(given, station), blank())


@router.post(f"{JOIN}/{{station}}")
async def begin(station: StationId, request: Request, given: Given) -> Response:
    """Store what was entered and send a code, or show every fault at its field."""
    document = await service.find_station(given, station)
    typed = await read_form(request, LAYOUT)
    wire = _wire(typed, spoken(request))
    content, faults = profile_form.check_profile(wire, "w-" + "a" * 26, given.clock.now())
    faults = (*faults, *_missing(typed))
    if content is None or faults:
        return _form_page(request, document, form_with_faults(request, LAYOUT, typed, faults), 422)
    begun = await catch_refusal(service.begin(given, document, content, origin_of(request)))
    if isinstance(begun, RoostError):
        form = refilled_form(request, LAYOUT, typed, begun)
        status = begun.status if begun.status == 429 else 422
        return _form_page(request, document, form, status, dict(begun.headers))
    query = urlencode({"begun": seal(_key(given, station), begun.encode())})
    clearing = BackgroundTask(service.erase_unproved, given)
    return RedirectResponse(f"{JOIN}/{station}/code?{query}", 303, background=clearing)


@router.get(f"{JOIN}/{{station}}/code")
async def show_code(
    station: StationId,
    request: Request,
    given: Given,
    begun: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    if unseal(_key(given, station), begun) is None:
        return RedirectResponse(f"{JOIN}/{station}", 303)
    return _code_page(request, station, begun, blank())


@router.post(f"{JOIN}/{{station}}/code")
async def finish(station: StationId, request: Request, given: Given) -> Response:
    """Check the code, and sign the person in."""
    sent = await fields_of(request)
    worker = unseal(_key(given, station), sent.get("begun", ""))
    if worker is None:
        return RedirectResponse(f"{JOIN}/{station}", 303)
    code = sent.get("code", "")[:LONGEST]
    joined = await catch_refusal(service.finish(given, worker.decode(), code, origin_of(request)))
    if isinstance(joined, RoostError):
        form = refilled_form(request, CODE, {}, joined)
        return _code_page(request, station, sent["begun"], form, 422)
    return await let_in(request, given, KNOWN if joined.was_stored else OWN, joined.opened)


@router.get("/console/today/stations/{id}/poster")
async def show_poster(id: StationId, request: Request, who: Staff, given: Given) -> Response:
    """Show the poster of a station within the caller's reach, to print."""
    policy.check(who, Permission.STATIONS_READ, Belonging(station_ids=(id,)), "station")
    station = await service.find_station(given, id)
    url = f"{given.settings.public_url.rstrip('/')}{JOIN}/{id}"
    drawn = Markup(qr_svg(url, scale=8))
    return page(request, "joining/poster.html", station=station["fact"], url=url, qr=drawn)


def _wire(typed: Typed, language: str) -> dict[str, Any]:
    """Return the profile that a form states; the pages ask for the rest after the sign-up."""
    wire = profile_form.wire_of(LAYOUT, typed, None)
    for tick in LAYOUT.ticks:
        wire.pop(tick, None)
    if "wageWanted" in wire:
        wire["wageWanted"] |= {"unitText": WageUnit.MONTH.value, "currency": "CNY"}
    return wire | {"preferences": {"language": language}}


def _missing(typed: Typed) -> list[FieldError]:
    """Return the faults of what the profile itself may lack: telephone, age and consent."""
    found = []
    if not typed["channels.sms"]:
        found.append(FieldError("channels.sms", "enter your mobile number", "请填写手机号"))
    if typed["ofAge"] != TICKED:
        found.append(
            FieldError("ofAge", "confirm that you are 16 or older", "请确认已年满 16 周岁")
        )
    if typed["consent"] != TICKED:
        found.append(FieldError("consent", "is needed to sign up", "请先阅读并同意后再登记"))
    return found


def _form_page(
    request: Request,
    station: dict[str, Any],
    form: Form,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    here = f"{JOIN}/{station['id']}"
    return page(
        request,
        "joining/form.html",
        status=status,
        headers=headers,
        form=form,
        here_is=here,
        station=station["fact"]["name"],
    )


def _code_page(
    request: Request, station: str, begun: str, form: Form, status: int = 200
) -> Response:
    here = f"{JOIN}/{station}"
    return page(request, "joining/code.html", status=status, form=form, here_is=here, begun=begun)


def _key(given: Services, station: str) -> bytes:
    return derived(given.key, "join", station)
