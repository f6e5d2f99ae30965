"""Pages of a worker's own data: profile, training, access log, export and erasure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Annotated

from fastapi import APIRouter, Request, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.audit import service as audit
from api.console.admin.audit_pages import names_of
from api.console.me.who import worker_of
from api.console.profiles.pages import save_profile, show_profile, stored_profile
from api.console.profiles.profile_form import OWN
from api.console.shell.form_answers import WAIT_S, read_form, refilled_form
from api.console.shell.form_layout import Layout
from api.console.shell.forms import Form, catch_refusal
from api.console.shell.rendering import page, spoken
from api.console.shell.translations import say_in
from api.guards.reading_posts import only_reads
from api.guards.security_headers import clear_browser
from api.ports.services import Given, Services
from api.profiles import erasing
from api.profiles import service as profiles
from api.writes.ending import count_in_progress, count_interviews
from api.writes.publishing import Written, searchable_within
from roost.errors import FieldError, Invalid, RoostError
from roost.events.account import AccountRole, Permission
from roost.events.audit import AuditEntry

router = APIRouter(prefix="/console/me", include_in_schema=False)
Reads = Annotated[Principal, allow(Permission.PROFILES_READ)]
Writes = Annotated[Principal, allow(Permission.PROFILES_WRITE)]
Erases = Annotated[Principal, allow(Permission.PROFILES_ERASE)]
HERE = "/console/me/profile"
PROFILE = "me/profile.html"
ERASE = Layout(texts=("typed",))
SEEN = 500
"""Number of newest entries that the page sums up; the export has all of them."""
SHOWN = 60
"""Most lines of the summary."""


@router.get("/training")
async def training(request: Request, who: Reads, given: Given) -> Response:
    """Show the skills that the worker could learn."""
    found = await profiles.suggest_training(given, who, worker_of(who))
    return page(request, "me/training.html", items=found.items)


@router.get("/profile")
async def edit_form(request: Request, who: Reads, given: Given) -> Response:
    """Show the worker's profile in the form."""
    return await show_profile(request, who, given, worker_of(who), OWN, HERE, PROFILE)


@router.post("/profile")
async def edit(request: Request, who: Writes, given: Given) -> Response:
    """Replace the worker's profile with the form's content."""
    return await save_profile(request, who, given, worker_of(who), OWN, HERE, PROFILE)


@router.get("/data")
async def data(request: Request, who: Reads, given: Given) -> Response:
    """Show the worker's data and who saw or changed it."""
    return await _data(request, who, given)


@router.post("/data/erase")
async def erase(request: Request, who: Erases, given: Given) -> Response:
    """Erase the worker once they have typed the confirmation word."""
    typed = await read_form(request, ERASE)
    word = say_in(spoken(request))("me.data.word")

    async def erased() -> Written:
        check_word(typed["typed"], word)
        return await erasing.erase_worker(given, who, worker_of(who))

    written = await catch_refusal(erased())
    if isinstance(written, RoostError):
        return await _data(request, who, given, refilled_form(request, ERASE, typed, written), 422)
    await searchable_within(given, written, WAIT_S)
    answer = page(request, "me/erased.html")
    clear_browser(answer)
    return answer


def check_word(typed: str, word: str) -> None:
    """Raise Invalid unless the confirmation word was typed."""
    if typed.casefold() != word.casefold():
        message, message_zh = f"Type the word {word}", f"请输入“{word}”"
        raise Invalid(message, message_zh, fields=(FieldError("typed", message, message_zh),))


async def _data(
    request: Request,
    who: Principal,
    given: Services,
    form: Form | None = None,
    status: int = 200,
) -> Response:
    worker = worker_of(who)
    profile = await stored_profile(given, who, worker)
    trail = await audit.list_entries_about(given, who, worker, limit=SEEN)
    names = names_of(given, [each.who for each in trail.items if each.who])
    return page(
        request,
        "me/data.html",
        status=status,
        profile=profile,
        in_progress=await count_in_progress(given, "worker_id", worker),
        interviews=await count_interviews(given, worker),
        seen=accesses_by_day(
            [each for each in trail.items if each.who != who.id], names, given.settings.zone
        ),
        form=form or Form({}, {}),
    )


@dataclass(slots=True)
class DayOfAccess:
    """One person's reads and changes of the worker's data on one day."""

    day: date
    name: str
    role: AccountRole | None
    viewed: int = 0
    """Number of pages and lists in which the worker appeared."""
    changed: int = 0


def accesses_by_day(
    entries: Sequence[AuditEntry], names: Mapping[str, str], zone: tzinfo
) -> list[DayOfAccess]:
    """Return a line for each person and local day, newest first: not one for every list. Pure."""
    found: dict[tuple[date, str], DayOfAccess] = {}
    for entry in entries:
        day, who = entry.at.astimezone(zone).date(), entry.who or ""
        line = found.setdefault((day, who), DayOfAccess(day, names.get(who, "—"), entry.role))
        if only_reads(entry.method, entry.route):
            line.viewed += 1
        else:
            line.changed += 1
    return list(found.values())[:SHOWN]
