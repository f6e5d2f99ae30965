"""A worker's own data: see it, correct it, take it along, see who saw it, have it erased; and what
could be learned.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from api.access.forgery import SAFE
from api.access.principal import Principal
from api.access.requirements import allow
from api.audit import service as audit
from api.console.admin.audit_pages import names_of
from api.console.me.who import worker_of
from api.console.profiles import profile_form
from api.console.profiles.pages import edited, show
from api.console.profiles.profile_form import OWN
from api.console.shell.form_answers import WAIT_S, again, typed_in
from api.console.shell.form_layout import Layout
from api.console.shell.forms import Form, taken
from api.console.shell.rendering import page, spoken
from api.console.shell.translations import say_in
from api.guards.conditional import ANYTHING
from api.ports.services import Given, Services
from api.profiles import endpoints as profiles
from api.writes.publishing import Accepted
from roost.errors import FieldError, Invalid, RoostError
from roost.events.account import Permission
from roost.events.audit import AuditEntry

router = APIRouter(prefix="/console/me", include_in_schema=False)
Reads = Annotated[Principal, allow(Permission.PROFILES_READ)]
Writes = Annotated[Principal, allow(Permission.PROFILES_WRITE)]
Erases = Annotated[Principal, allow(Permission.PROFILES_ERASE)]
HERE = "/console/me/profile"
ERASE = Layout(texts=("typed",))
SEEN = 50
"""So many of the newest are shown; the export has all."""


@router.get("/training")
async def training(request: Request, who: Reads, given: Given) -> Response:
    found = await profiles.training_of(id=worker_of(who), who=who, given=given)
    return page(request, "me/training.html", items=found.items)


@router.get("/profile")
async def read(request: Request, who: Reads, given: Given) -> Response:
    standing = await profiles.read(id=worker_of(who), who=who, given=given, response=Response())
    shown = Form(profile_form.shown(OWN, standing) | {"version": str(standing["version"])}, {})
    return show(request, OWN, shown, HERE, standing=standing, template="me/profile.html")


@router.post("/profile")
async def edit(request: Request, who: Writes, given: Given) -> Response:
    return await edited(request, who, given, worker_of(who), OWN, HERE, template="me/profile.html")


@router.get("/data")
async def data(request: Request, who: Reads, given: Given) -> Response:
    return await _data(request, who, given)


@router.post("/data/erase")
async def erase(request: Request, who: Erases, given: Given) -> Response:
    typed = await typed_in(request, ERASE)
    word = say_in(spoken(request))("me.data.word")

    async def erasing() -> Accepted:
        check_word(typed["typed"], word)
        return await profiles.erase(
            id=worker_of(who),
            who=who,
            given=given,
            wait=WAIT_S,
            response=Response(),
            expected=ANYTHING,
        )

    outcome = await taken(erasing())
    if isinstance(outcome, RoostError):
        return await _data(request, who, given, again(request, ERASE, typed, outcome), 422)
    return page(request, "me/erased.html")


def check_word(typed: str, word: str) -> None:
    """Raises Invalid for anything but the word that says that it is meant."""
    if typed.casefold() != word.casefold():
        message, message_zh = f"Type the word {word}", f"请输入“{word}”"
        raise Invalid(message, message_zh, fields=(FieldError("typed", message, message_zh),))


async def _data(
    request: Request,
    who: Principal,
    given: Services,
    shown: Form | None = None,
    status: int = 200,
) -> Response:
    worker = worker_of(who)
    profile = await profiles.read(id=worker, who=who, given=given, response=Response())
    trail = await audit.list_entries_about(given, who, worker, limit=SEEN)
    names = names_of(given, [each.who for each in trail.items if each.who])
    return page(
        request,
        "me/data.html",
        status=status,
        profile=profile,
        seen=[seen(each, names) for each in trail.items if each.who != who.id],
        form=shown or Form({}, {}),
    )


def seen(entry: AuditEntry, names: Mapping[str, str]) -> dict[str, Any]:
    """One who saw or changed something, as the worker is told of it."""
    return {
        "at": entry.at,
        "name": names.get(entry.who or "", "—"),
        "role": entry.role,
        "changed": entry.method not in SAFE,
    }
