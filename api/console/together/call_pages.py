"""Form for one call with a worker about all of their matches at a station."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Request, Response

from api.access.belonging import reaches_match
from api.access.principal import Principal
from api.console.match import call_times
from api.console.queue.chosen import Chosen, Clerk
from api.console.queue.filters import Filters
from api.console.queue.people import group_of
from api.console.queue.queue_rows import QueueRow
from api.console.shell.forms import Form, blank, fields_of, new_seed, texts_of
from api.console.shell.rendering import page, spoken, wants_part
from api.console.shell.translations import say_in
from api.console.together.call_log import REASONS, Said, call_log
from api.console.together.outcome_pages import act_on_chosen
from api.ports.services import Given, Services
from api.stations.queue_people import MOST_OF_PERSON
from roost.errors import FieldError
from roost.events.account import Permission
from roost.events.common import WorkerId
from roost.events.match import ActionKind, Match
from roost.topics import MATCHES

router = APIRouter(prefix="/console/queue/people", include_in_schema=False)


@router.get("/{id}/call")
async def show_call_form(
    id: WorkerId, request: Request, given: Given, who: Clerk, chosen: Chosen
) -> Response:
    """Show the form of a call about all matches of a worker; in the dialog, or on a page."""
    form = blank(same="yes", seed=new_seed())
    return await _call_form(request, given, who, chosen.filters, id, form)


@router.post("/{id}/call")
async def log_call(
    id: WorkerId, request: Request, given: Given, who: Clerk, chosen: Chosen
) -> Response:
    """Record what was said about each match; show the outcome of each, or the form's errors."""
    sent = await fields_of(request)
    asked = texts_of(await request.form(), "match")
    matches = await _asked_matches(given, who, id, asked[:MOST_OF_PERSON])
    zone, now = given.settings.time_zone, given.clock.now()
    log = call_log(sent, matches, zone, now)
    if log.faults:
        form = _with_faults(sent, log.faults, spoken(request))
        return await _call_form(request, given, who, chosen.filters, id, form, status=422)
    say = say_in(spoken(request))
    did = {id: say(f"queue.call.did.{each.value}") for id, each in log.said.items()}
    seed = sent.get("seed", "")
    return await act_on_chosen(request, given, who, chosen.filters, log.items, did, seed)


async def _call_form(
    request: Request,
    given: Services,
    who: Principal,
    filters: Filters,
    id: str,
    form: Form,
    status: int = 200,
) -> Response:
    group = await group_of(given, who, filters, id)
    in_dialog = wants_part(request)
    return page(
        request,
        "together/call.html" if in_dialog else "together/call_page.html",
        status=status,
        in_dialog=in_dialog,
        filters=filters,
        group=group,
        open_rows=_open(group.rows),
        others=[row for row in group.rows if row not in _open(group.rows)],
        form=form,
        answers=[each.value for each in Said],
        reasons=REASONS,
        call_again=await call_times.suggested_call(given, group.rows[0].match.station_id),
    )


async def _asked_matches(
    given: Services, who: Principal, worker_id: str, asked: Sequence[str]
) -> list[Match]:
    """Return those of the matches in a form that are the worker's and within the caller's reach.

    They may have ended since the form was shown: then a repeated form is answered as the first.
    """
    documents = await given.elastic.mget([(MATCHES.name, id) for id in asked])
    return [
        Match.from_stored(each["fact"])
        for each in documents.values()
        if not each.get("erased")
        and each["worker_id"] == worker_id
        and reaches_match(who, Permission.MATCHES_ASSIGN, each)
    ]


def _open(rows: Sequence[QueueRow]) -> list[QueueRow]:
    """Return the rows on which the caller may record a call."""
    return [row for row in rows if ActionKind.CONTACT in row.offers.menu]


def _with_faults(sent: Mapping[str, str], faults: Sequence[FieldError], language: str) -> Form:
    errors = {each.field: each.message_zh if language == "zh" else each.message for each in faults}
    return Form(sent, errors)
