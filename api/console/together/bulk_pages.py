"""Actions on many matches of a queue at once: claim, assign, return, decline, message, undo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Request, Response

from api.access import policy
from api.access.policy import is_chief
from api.access.principal import Principal
from api.access.requirements import allow
from api.console.match.match_actions import assignable_at
from api.console.queue.chosen import Chosen, Clerk
from api.console.queue.filters import Filters
from api.console.shell.forms import Form, fields_of, new_seed, texts_of
from api.console.shell.refusal_words import refusal_text
from api.console.shell.rendering import page, spoken, wants_part
from api.console.shell.translations import say_in
from api.console.together.bulk_form import (
    DETAILS,
    Bulk,
    bulk_actions,
    bulk_of,
    chosen_matches,
)
from api.console.together.bulk_messages import send_to_chosen
from api.console.together.call_log import REASONS
from api.console.together.outcome_pages import act_on_chosen
from api.matches.schemas import BatchedAction
from api.ports.services import Given, Services
from roost.errors import Invalid
from roost.events.account import Permission
from roost.events.match import ActionKind

router = APIRouter(prefix="/console/queue", include_in_schema=False)
Acts = Annotated[Principal, allow(Permission.MATCHES_ACT)]


@router.post("/bulk")
async def act_on_many(request: Request, given: Given, who: Clerk, chosen: Chosen) -> Response:
    """Act on the selected matches; ask for the details first if the action needs any."""
    sent = await fields_of(request)
    texts = texts_of(await request.form(), "match")
    try:
        bulk, matches = bulk_of(sent.get("do", "")), chosen_matches(texts)
    except Invalid as error:
        return _wrong(request, chosen.filters, error)
    if bulk is Bulk.MESSAGE:
        policy.reach(who, Permission.INBOX_WRITE)
        return await send_to_chosen(request, given, who, chosen.filters, matches, sent)
    if bulk in DETAILS and sent.get("step") != "yes":
        form = Form({"seed": new_seed()}, {})
        return _details(request, given, who, chosen.filters, bulk, matches, form)
    now = given.clock.now()
    detail = sent.get(DETAILS.get(bulk, ""), "")
    try:
        items = bulk_actions(bulk, matches, detail, who, now)
    except Invalid as error:
        form = Form(sent, {DETAILS[bulk]: _message(error, spoken(request))})
        return _details(request, given, who, chosen.filters, bulk, matches, form, status=422)
    did = dict.fromkeys(matches, say_in(spoken(request))(f"match.did.{bulk.value}"))
    return await act_on_chosen(
        request, given, who, chosen.filters, items, did, sent.get("seed", "")
    )


@router.post("/undo")
async def undo_many(request: Request, given: Given, who: Acts, chosen: Chosen) -> Response:
    """Undo the caller's last step on each of some matches."""
    sent = await fields_of(request)
    try:
        matches = chosen_matches(texts_of(await request.form(), "match"))
    except Invalid as error:
        return _wrong(request, chosen.filters, error)
    items = [BatchedAction(match_id=id, kind=ActionKind.UNDO) for id in matches]
    did = dict.fromkeys(matches, say_in(spoken(request))("match.did.undo"))
    return await act_on_chosen(
        request, given, who, chosen.filters, items, did, sent.get("seed", "")
    )


def _message(error: Invalid, language: str) -> str:
    """Return the message of an error for its own field, which the form names."""
    first = error.fields[0] if error.fields else error
    return first.message_zh if language == "zh" else first.message


def _wrong(request: Request, filters: Filters, error: Invalid) -> Response:
    """Say that nothing can be done with this selection."""
    in_dialog = wants_part(request)
    return page(
        request,
        "together/bulk_wrong.html" if in_dialog else "together/bulk_wrong_page.html",
        status=422,
        filters=filters,
        in_dialog=in_dialog,
        text=refusal_text(error, spoken(request)),
    )


def _details(
    request: Request,
    given: Services,
    who: Principal,
    filters: Filters,
    bulk: Bulk,
    matches: Sequence[str],
    form: Form,
    status: int = 200,
) -> Response:
    """Ask for the detail of an action on many matches."""
    in_dialog = wants_part(request)
    return page(
        request,
        "together/bulk_details.html" if in_dialog else "together/bulk_details_page.html",
        status=status,
        filters=filters,
        in_dialog=in_dialog,
        bulk=bulk.value,
        matches=matches,
        form=form,
        reasons=REASONS,
        colleagues=_colleagues(given, who, filters.stations),
    )


def _colleagues(given: Services, who: Principal, stations: Sequence[str]) -> list[tuple[str, str]]:
    """Return the staff of all these stations to whom the caller may assign.

    A chief may assign to all of them, a clerk to themselves.
    """
    staff = [assignable_at(given, who, each) for each in stations]
    found = [each for each in staff[0] if all(each in others for others in staff)] if staff else []
    return [each for each in found if is_chief(who) or each[0] == who.id]
