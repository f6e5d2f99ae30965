"""How a worker is told: what comes, by which way, when not; quiet for a while; stop everything."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.me import notification_settings_form
from api.console.me.notification_settings_form import KINDS, LAYOUT, ways_of
from api.console.me.who import worker_of
from api.console.shell.form_answers import WAIT_S, again, done, typed_in
from api.console.shell.form_layout import Layout
from api.console.shell.forms import Form, taken
from api.console.shell.plain import checked
from api.console.shell.rendering import page, spoken
from api.console.shell.saying import choices
from api.console.shell.translations import say_in
from api.guards.conditional import ANYTHING
from api.ports.services import Given, Services
from api.preferences import endpoints as preferences
from api.preferences.schemas import Snooze
from api.profiles import endpoints as profiles
from api.stop import endpoints as stop
from api.writes.publishing import Accepted
from roost.errors import RoostError
from roost.events.account import Permission
from roost.events.preferences import Pace, Preferences

router = APIRouter(prefix="/console/me", include_in_schema=False)
Reads = Annotated[Principal, allow(Permission.PROFILES_READ)]
Writes = Annotated[Principal, allow(Permission.PROFILES_WRITE)]
HERE = "/console/me/telling"
SNOOZE = Layout(texts=("hours",))
HOURS = (2, 8, 24, 72, 168)


@router.get("/telling")
async def read(request: Request, who: Reads, given: Given) -> Response:
    return await _page(request, who, given)


@router.post("/telling")
async def choose(request: Request, who: Writes, given: Given) -> Response:
    worker = worker_of(who)
    typed = await typed_in(request, LAYOUT)
    standing = (
        await preferences.read(id=worker, who=who, given=given, response=Response())
    ).preferences.to_dict()

    async def choosing() -> Accepted:
        return await preferences.choose(
            id=worker,
            content=checked(Preferences, notification_settings_form.wire_of(typed, standing)),
            who=who,
            given=given,
            wait=WAIT_S,
            response=Response(),
            expected=ANYTHING,
        )

    outcome = await taken(choosing())
    if isinstance(outcome, RoostError):
        return await _page(request, who, given, again(request, LAYOUT, typed, outcome), 422)
    return done(HERE, "saved")


@router.post("/telling/back")
async def go_back(who: Writes, given: Given) -> Response:
    await preferences.go_back(
        id=worker_of(who),
        who=who,
        given=given,
        wait=WAIT_S,
        response=Response(),
        expected=ANYTHING,
    )
    return done(HERE, "back")


@router.post("/telling/snooze")
async def snooze(request: Request, who: Writes, given: Given) -> Response:
    typed = await typed_in(request, SNOOZE)

    async def snoozing() -> Accepted:
        return await preferences.snooze(
            id=worker_of(who),
            asked=checked(Snooze, SNOOZE.wire(typed)),
            who=who,
            given=given,
            wait=WAIT_S,
            response=Response(),
        )

    outcome = await taken(snoozing())
    if isinstance(outcome, RoostError):
        form = again(request, SNOOZE, typed, outcome)
        return await _page(request, who, given, Form({}, {}, form.summary), 422)
    return done(HERE, "snoozed" if typed["hours"] != "0" else "saved")


@router.post("/telling/stop")
async def stop_all(who: Writes, given: Given) -> Response:
    await stop.stop(id=worker_of(who), who=who, given=given, wait=WAIT_S, response=Response())
    return done(HERE, "stopped")


@router.post("/telling/resume")
async def resume(who: Writes, given: Given) -> Response:
    await stop.resume(id=worker_of(who), who=who, given=given, wait=WAIT_S, response=Response())
    return done(HERE, "resumed")


async def _page(
    request: Request,
    who: Principal,
    given: Services,
    form: Form | None = None,
    status: int = 200,
) -> Response:
    worker = worker_of(who)
    in_force = await preferences.read(id=worker, who=who, given=given, response=Response())
    profile = await profiles.read(id=worker, who=who, given=given, response=Response())
    stopped = await stop.read(id=worker, who=who, given=given, response=Response())
    say = say_in(spoken(request))
    said = notification_settings_form.shown(in_force.preferences.to_dict())
    values: dict[str, Any] = said | dict(form.values if form else {})
    until = in_force.preferences.snoozed_until
    return page(
        request,
        "me/telling.html",
        status=status,
        form=Form(values, form.errors if form else {}, form.summary if form else ""),
        kinds=choices(say, "kind", KINDS),
        ways=choices(say, "channel", ways_of(profile)),
        paces=choices(say, "pace", tuple(Pace)),
        weekdays=choices(say, "weekday", tuple("1234567")),
        own=in_force.source.value == "own",
        snoozed_until=until if until and until > given.clock.now() else None,
        hours=HOURS,
        stopped=stopped.stopped,
        county_quiet=given.settings.quiet_hours,
        done=request.query_params.get("done"),
    )
