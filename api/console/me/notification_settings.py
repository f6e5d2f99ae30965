"""Page of a worker's notification settings: kinds, channels, quiet hours, snooze and stop."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.me import notification_settings_form
from api.console.me.notification_settings_form import KINDS, LAYOUT, channels_of
from api.console.me.who import worker_of
from api.console.profiles.pages import stored_profile
from api.console.shell.form_answers import WAIT_S, redirect_done, submit_form
from api.console.shell.form_layout import Layout, Typed
from api.console.shell.forms import Form
from api.console.shell.rendering import page, spoken
from api.console.shell.saying import choices
from api.console.shell.translations import say_in
from api.ports.services import Given, Services
from api.preferences import service as preferences
from api.preferences.schemas import Snooze
from api.stop import service as stop
from api.writes.publishing import Written, searchable_within
from roost.events.account import Permission
from roost.events.preferences import Pace, Preferences

router = APIRouter(prefix="/console/me", include_in_schema=False)
Reads = Annotated[Principal, allow(Permission.PROFILES_READ)]
Writes = Annotated[Principal, allow(Permission.PROFILES_WRITE)]
HERE = "/console/me/telling"
SNOOZE = Layout(texts=("hours",))
HOURS = (2, 8, 24, 72, 168)


@router.get("/telling")
async def settings(request: Request, who: Reads, given: Given) -> Response:
    """Show the settings in force."""
    return await _page(request, who, given)


@router.post("/telling")
async def choose(request: Request, who: Writes, given: Given) -> Response:
    """Make the form's settings the worker's own."""
    worker = worker_of(who)
    in_force = await preferences.find_preferences(given, who, worker)
    stored = in_force.preferences.to_dict()

    def wire(layout: Layout, typed: Typed) -> dict[str, Any]:
        return notification_settings_form.wire_of(typed, stored)

    async def choosing(content: Preferences) -> Written:
        return await preferences.choose_preferences(given, who, worker, content)

    written = await submit_form(request, LAYOUT, Preferences, choosing, wire)
    if isinstance(written, Form):
        return await _page(request, who, given, written, 422)
    return await _done(given, written, "saved")


@router.post("/telling/back")
async def go_back(who: Writes, given: Given) -> Response:
    """Return to the settings of the worker's profile."""
    written = await preferences.remove_preferences(given, who, worker_of(who))
    return await _done(given, written, "back")


@router.post("/telling/snooze")
async def snooze(request: Request, who: Writes, given: Given) -> Response:
    """Hold notifications that are not urgent for some hours."""
    worker = worker_of(who)

    async def snoozing(asked: Snooze) -> tuple[Written, bool]:
        written = await preferences.snooze_notifications(given, who, worker, asked.hours)
        return written, asked.hours > 0

    outcome = await submit_form(request, SNOOZE, Snooze, snoozing)
    if isinstance(outcome, Form):
        return await _page(request, who, given, Form({}, {}, outcome.summary), 422)
    written, snoozed = outcome
    return await _done(given, written, "snoozed" if snoozed else "saved")


@router.post("/telling/stop")
async def stop_all(who: Writes, given: Given) -> Response:
    """Stop all messages."""
    return await _done(given, await stop.stop_messages(given, who, worker_of(who)), "stopped")


@router.post("/telling/resume")
async def resume(who: Writes, given: Given) -> Response:
    """Resume messages."""
    return await _done(given, await stop.resume_messages(given, who, worker_of(who)), "resumed")


async def _done(given: Services, written: Written, what: str) -> Response:
    """Return to the page once it shows the write."""
    await searchable_within(given, written, WAIT_S)
    return redirect_done(HERE, what)


async def _page(
    request: Request,
    who: Principal,
    given: Services,
    form: Form | None = None,
    status: int = 200,
) -> Response:
    worker = worker_of(who)
    in_force = await preferences.find_preferences(given, who, worker)
    profile = await stored_profile(given, who, worker)
    stopped = await stop.find_stop(given, who, worker)
    say = say_in(spoken(request))
    stored = notification_settings_form.form_values(in_force.preferences.to_dict())
    values: dict[str, Any] = stored | dict(form.values if form else {})
    until = in_force.preferences.snoozed_until
    return page(
        request,
        "me/telling.html",
        status=status,
        form=Form(values, form.errors if form else {}, form.summary if form else ""),
        kinds=choices(say, "kind", KINDS),
        ways=choices(say, "channel", channels_of(profile)),
        paces=choices(say, "pace", tuple(Pace)),
        weekdays=choices(say, "weekday", tuple("1234567")),
        own=in_force.source.value == "own",
        snoozed_until=until if until and until > given.clock.now() else None,
        hours=HOURS,
        stopped=stopped.stopped,
        county_quiet=given.settings.quiet_hours,
        done=request.query_params.get("done"),
    )
