"""Pages of workers' profiles for staff: find, register, read and edit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import RedirectResponse

from api.access import policy
from api.access.nearby_places import context_for
from api.access.principal import Principal
from api.access.requirements import allow
from api.console.profiles import profile_form, returning
from api.console.profiles.profile_form import STAFF
from api.console.profiles.returning import REGISTER, Return
from api.console.shell.ends_question import confirmed_number, with_question
from api.console.shell.form_answers import (
    WAIT_S,
    expected_version,
    faults_of,
    form_with_faults,
    read_form,
    redirect_done,
)
from api.console.shell.form_layout import Layout
from api.console.shell.forms import Form, catch_refusal, fields_of
from api.console.shell.rendering import page, spoken
from api.console.shell.saying import choices, currencies
from api.console.shell.sealed_text import sealed_text, text_of
from api.console.shell.translations import Say, say_in
from api.lists.documents import fact_with_version
from api.ports.services import Given, Services
from api.profiles import service as profiles
from api.profiles.known_people import PersonKnown
from api.writes.publishing import Written, searchable_within
from producers import facts
from producers.suppressions import Suppressed
from roost.errors import FieldError, NotFound, RoostError
from roost.events.account import Permission
from roost.events.common import Education, WorkerId
from roost.events.profile import ProfileContent
from roost.text.references import shown_reference
from roost.views.elastic import Json

router = APIRouter(prefix="/console/profiles", include_in_schema=False)
Reads = Annotated[Principal, allow(Permission.PROFILES_READ)]
Writes = Annotated[Principal, allow(Permission.PROFILES_WRITE)]
FORM = "profiles/form.html"
HERE = "/console/profiles"
LENGTH_OF_ID = 28
LONGEST_NUMBER = 300


@router.post("/find")
async def search(request: Request, who: Reads, given: Given) -> Response:
    """Redirect to the page of the typed number, or to the empty field without one."""
    typed = shown_reference(str((await fields_of(request)).get("number") or ""))
    if not typed:
        return RedirectResponse(HERE, 303)
    sealed = sealed_text(given, who, HERE, typed[:LONGEST_NUMBER])
    return RedirectResponse(f"{HERE}?sealed={sealed}", 303)


@router.get("")
async def find(
    request: Request, who: Reads, given: Given, sealed: Annotated[str, Query(max_length=4_000)] = ""
) -> Response:
    """Show the search by number, telephone or id; one worker who is found is shown at once.

    The number is found in every roster. A worker whom no search shows yet is found by the id.
    """
    wanted = (text_of(given, who, HERE, sealed) if sealed else None) or ""
    found: list[Json] = []
    if wanted:
        found = [] if _is_id(wanted) else await profiles.find_by_number(given, who, wanted)
        if len(found) == 1:
            return RedirectResponse(f"{HERE}/{found[0]['id']}", 303)
        if not found and (id := await _readable_id(given, who, wanted)) is not None:
            return RedirectResponse(f"{HERE}/{id}", 303)
    return page(
        request,
        "profiles/find.html",
        status=404 if wanted and not found else 200,
        number=wanted,
        found=[{"id": each["id"], **each["fact"]} for each in found],
        done=request.query_params.get("done"),
    )


def _is_id(text: str) -> bool:
    return text.startswith("w-") and len(text) == LENGTH_OF_ID


def worker_id(number: str) -> str:
    """Return the worker's id: the number itself if it is one, else the id derived from it."""
    return number if _is_id(number) else facts.referenced_worker(number)


async def _readable_id(given: Services, who: Principal, text: str) -> str | None:
    """Return the id that a text is, or that its number has in the API; None if it is unknown."""
    id = worker_id(text)
    try:
        await profiles.find_profile(given, who, id)
    except NotFound:
        return None
    return id


@router.get("/new")
async def blank(request: Request, who: Writes) -> Response:
    """Show an empty form."""
    return show(request, STAFF, Form(profile_form.form_values(STAFF, None), {}), f"{HERE}/new")


@router.post("/new")
async def register(request: Request, who: Writes, given: Given) -> Response:
    """Register a worker, or show the form with every fault.

    For an erased person it shows the reason and the form of a new consent.
    """
    typed = await read_form(request, REGISTER)
    wire = profile_form.wire_of(STAFF, typed, None)
    content, faults = await _checked(given, who, wire, None)
    if content is None:
        form = form_with_faults(request, REGISTER, typed, faults)
        return show(request, STAFF, form, f"{HERE}/new", status=422)
    written = await returning.register(given, who, content, typed)
    if not isinstance(written, RoostError):
        searchable = await searchable_within(given, written, WAIT_S)
        return redirect_done(_after_registration(who, written) if searchable else HERE, "saved")
    form = returning.refused_form(request, typed, written)
    erased = isinstance(written, Suppressed) or returning.is_at_consent(form)
    again = returning.return_of(who, content) if erased else None
    known = written if isinstance(written, PersonKnown) else None
    status = 409 if isinstance(written, Suppressed | PersonKnown) else 422
    return show(request, STAFF, form, f"{HERE}/new", status=status, again=again, known=known)


def _after_registration(who: Principal, written: Written) -> str:
    """Return the page of the first matches, or the profile for those who may not match."""
    profile = f"{HERE}/{written.record.key}"
    return f"{profile}/find-work" if policy.may(who, Permission.MATCHES_ASSIGN) else profile


@router.get("/{id}")
async def edit_form(id: WorkerId, request: Request, who: Reads, given: Given) -> Response:
    """Show a profile in the form."""
    return await show_profile(request, who, given, id, STAFF, f"{HERE}/{id}")


@router.post("/{id}")
async def edit(id: WorkerId, request: Request, who: Writes, given: Given) -> Response:
    """Replace a profile with the form's content."""
    return await save_profile(request, who, given, id, STAFF, f"{HERE}/{id}")


async def stored_profile(given: Services, who: Principal, id: str) -> dict[str, Any]:
    """Return a profile with its version. Raises NotFound."""
    return fact_with_version(await profiles.find_profile(given, who, id))


async def show_profile(
    request: Request,
    who: Principal,
    given: Services,
    id: str,
    layout: Layout,
    action: str,
    template: str = FORM,
) -> Response:
    """Show a stored profile in a form that is sent to `action`."""
    stored = await stored_profile(given, who, id)
    values = profile_form.form_values(layout, stored) | {"version": str(stored["version"])}
    return show(request, layout, Form(values, {}), action, stored=stored, template=template)


async def save_profile(
    request: Request,
    who: Principal,
    given: Services,
    id: str,
    layout: Layout,
    action: str,
    template: str = FORM,
) -> Response:
    """Save the form and return to the profile, or show the form with every fault."""
    stored = await stored_profile(given, who, id)
    typed = await read_form(request, layout)
    sent = await fields_of(request)
    typed["version"] = sent.get("version")
    wire = profile_form.wire_of(layout, typed, stored)
    content, faults = await _checked(given, who, wire, id)
    if content is not None:
        expected = expected_version(typed["version"])
        written = await catch_refusal(
            profiles.replace_profile(
                given, who, id, content, expected, confirmed=confirmed_number(sent)
            )
        )
        if not isinstance(written, RoostError):
            await searchable_within(given, written, WAIT_S)
            return redirect_done(action, "saved")
        typed, faults = with_question(typed, written), faults_of(written)
    form = form_with_faults(request, layout, typed, faults)
    return show(request, layout, form, action, stored=stored, status=422, template=template)


async def _checked(
    given: Services, who: Principal, wire: Mapping[str, Any], id: str | None
) -> tuple[ProfileContent | None, tuple[FieldError, ...]]:
    """Check a profile as the API does for the caller."""
    context = await context_for(given, who, profile_form.place_texts(wire))
    return profile_form.check_profile(wire, id, given.clock.now(), context)


def show(
    request: Request,
    layout: Layout,
    form: Form,
    action: str,
    *,
    stored: dict[str, Any] | None = None,
    status: int = 200,
    template: str = FORM,
    again: Return | None = None,
    known: PersonKnown | None = None,
) -> Response:
    """Render the form of a profile.

    `again` is an erased person who is registered again, `known` one who seems to be stored.
    """
    say = say_in(spoken(request))
    return page(
        request,
        template,
        status=status,
        form=form,
        action=action,
        stored=stored,
        staff=layout is STAFF,
        again=again,
        known=known,
        bases=choices(say, "consent", returning.BASES),
        offered=_offered(say, form),
        done=request.query_params.get("done"),
    )


def _offered(say: Say, form: Form) -> dict[str, list[tuple[str, str]]]:
    """Return the choices of the form; for a person, no level of education means none stated."""
    offered = {group: choices(say, group, values) for group, values in profile_form.CHOICES.items()}
    unstated = {Education.NONE.value: say("profiles.not_stated")}
    offered["education"] = [(each, unstated.get(each, text)) for each, text in offered["education"]]
    offered["currency"] = currencies(say, form.value("wageWanted.currency"))
    return offered
