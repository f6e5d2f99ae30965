"""Page of a match, the dialogs of its actions, and the actions themselves, for the staff."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import URL

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.match import call_times, match_actions, place_sketch
from api.console.match.candidate_rank import rank_among, rank_words
from api.console.match.comparing import comparison_lines, required_skills
from api.console.match.match_history import history_of
from api.console.match.score_chart import score_chart_of
from api.console.match.shown_workers import may_see_worker
from api.console.match.typed_texts import values_of
from api.console.notes.section import notes_section
from api.console.queue.filters import ALL, filters_from_query
from api.console.queue.offers import NEEDS_DETAILS, SHORTCUTS
from api.console.queue.queue_rows import rows_of
from api.console.shell.ends_question import CONFIRMED, confirmed_number
from api.console.shell.form_answers import refilled_form
from api.console.shell.forms import Form, blank, catch_refusal, fields_of
from api.console.shell.navigation import LAST_QUEUE
from api.console.shell.refusal_words import refusal_text
from api.console.shell.rendering import page, spoken, wants_part
from api.console.shell.translations import say_in
from api.matches import service as matches
from api.matches.free_slots import slots_ahead
from api.matches.interviews import interview_details
from api.matches.last_place import last_place
from api.notes.service import match_texts
from api.notifications import service as notifications
from api.ports.services import Given, Services
from roost.errors import Conflict, Invalid, RoostError, at_field
from roost.events.account import Permission
from roost.events.common import MatchId
from roost.events.match import ActionKind, Match, MatchState
from roost.events.note import NoteAbout
from roost.events.opening import Opening
from roost.events.profile import Profile
from roost.topics import OPENINGS, PROFILES

router = APIRouter(prefix="/console/matches", include_in_schema=False)
Staff = Annotated[Principal, allow(Permission.MATCHES_ASSIGN)]
QUEUE = "/console/queue"
PAGE, ROW, GROUPED = "page", "row", "grouped"
"""Parts that the answer to an action replaces: the match's page, or its row in a queue."""
MOST_NOTIFICATIONS = 20
"""Newest notifications of a match that its page shows."""


@router.get("/{id}")
async def show_match(id: MatchId, request: Request, given: Given, who: Staff) -> Response:
    """Show a match with both sides, its reasons, history and notifications."""
    match = await _match(given, who, id)
    back = back_to_queue(
        request.headers.get("referer", ""), request.cookies.get(LAST_QUEUE, ""), match.station_id
    )
    values = await _page_values(request, given, who, match)
    keys = {kind.value: key for kind, key in SHORTCUTS.items()}
    notes = await notes_section(given, who, NoteAbout.MATCH, id)
    return page(request, "match/page.html", back=back, keys=keys, notes=notes, **values)


@router.get("/{id}/{kind}")
async def show_action_form(
    id: MatchId, kind: ActionKind, request: Request, given: Given, who: Staff
) -> Response:
    """Show the dialog of an action that needs details, or without scripts a separate page."""
    match = await _match(given, who, id)
    form = blank(view=_view(request.query_params))
    return await _action_form(request, given, who, match, kind, form)


@router.post("/{id}/act")
async def act_on_match(id: MatchId, request: Request, given: Given, who: Staff) -> Response:
    """Act on a match, and show it with a message or the errors of the form.

    A placement that fills the last place is confirmed with the number of matches that it ends.
    """
    sent = await fields_of(request)
    kind = _kind(sent)
    if kind is ActionKind.PLACE:
        match = await _match(given, who, id)
        question = await last_place(given, match)
        if question is not None and question.withdrawn > confirmed_number(sent):
            form = blank(view=_view(sent), confirmEnds=question.withdrawn, kept=question.kept)
            return await _action_form(request, given, who, match, kind, form, status=409)
    outcome = await catch_refusal(match_actions.act_by_form(given, who, id, kind, sent))
    if isinstance(outcome, Invalid) and kind in NEEDS_DETAILS:
        match = await _match(given, who, id)
        form = refilled_form(request, match_actions.LAYOUT, dict(sent), outcome)
        return await _action_form(request, given, who, match, kind, form, status=422)
    if isinstance(outcome, Conflict):
        return await _conflicted(request, given, who, id, sent, outcome)
    if isinstance(outcome, RoostError):
        raise outcome
    if not wants_part(request):
        return RedirectResponse(f"/console/matches/{id}", 303)
    return await _answered(
        request, given, who, outcome.match, sent, kind=kind, judged=outcome.is_decided
    )


async def _answered(
    request: Request,
    given: Services,
    who: Principal,
    match: Match,
    sent: Mapping[str, str],
    **values: Any,
) -> Response:
    """Return the current row, or the middle of the page, with a message about the action."""
    view = _view(sent)
    if view == PAGE:
        values |= await _page_values(request, given, who, match)
    else:
        past = frozenset() if match.state.active else frozenset({match.id})
        [row] = await rows_of(given, who, [match], past, grouped=view == GROUPED)
        values |= {"row": row}
    # Close only the dialog that sent the form: another may be open when a late answer comes.
    in_dialog = sent.get("kind") in NEEDS_DETAILS or CONFIRMED in sent
    close = {"hx-trigger-after-swap": "closeDialog"} if in_dialog else {}
    template = "match/did_page.html" if view == PAGE else "match/did_row.html"
    return page(request, template, headers=close, view=view, **values)


async def _conflicted(
    request: Request,
    given: Services,
    who: Principal,
    id: str,
    sent: Mapping[str, str],
    error: Conflict,
) -> Response:
    """Show the current match with the reason for the refusal, such as the holder's name."""
    if not wants_part(request):
        raise error
    match = await _match(given, who, id)
    text = refusal_text(error, spoken(request))
    return await _answered(request, given, who, match, sent, kind=None, judged=True, conflict=text)


async def _action_form(
    request: Request,
    given: Services,
    who: Principal,
    match: Match,
    kind: ActionKind,
    form: Form,
    status: int = 200,
) -> Response:
    in_dialog = wants_part(request)
    template = "match/dialog.html" if in_dialog else "match/asking.html"
    headers = {"hx-retarget": "#dialog", "hx-reswap": "innerHTML"} if status != 200 else {}
    assigns = kind is ActionKind.ASSIGN
    if kind is ActionKind.INTERVIEW:
        form = form.over(await _arranged(given, match))
    call_again = ""
    if kind is ActionKind.CONTACT:
        call_again = await call_times.suggested_call(given, match.station_id)
        if form.error("callAgainAt") and not form.value("callAgainAt"):
            form = Form({**form.values, "callAgainAt": call_again}, form.errors, form.summary)
    return page(
        request,
        template,
        status=status,
        headers=headers,
        row=(await rows_of(given, who, [match]))[0],
        kind=kind.value,
        in_dialog=in_dialog,
        form=form,
        view=_view(form.values),
        choices=match_actions.CHOICES,
        call_again=call_again,
        colleagues=match_actions.assignable_colleagues(given, who, match) if assigns else [],
    )


async def _arranged(given: Services, match: Match) -> dict[str, str]:
    """Return the arranged interview as values of the form, so that one part can be changed."""
    if match.interview_at is None or match.state is not MatchState.INTERVIEWED:
        return {}
    at = match.interview_at.astimezone(given.settings.zone)
    by = {"interviewBy": match.interview_by.value} if match.interview_by else {}
    details = await interview_details(given, match)
    return {"interviewAt": f"{at:%Y-%m-%dT%H:%M}"} | by | values_of(details)


async def _page_values(
    request: Request, given: Services, who: Principal, match: Match
) -> dict[str, Any]:
    """Return the values that the match's own page needs."""
    keys = (PROFILES.name, match.worker_id), (OPENINGS.name, match.opening_id)
    documents = await given.elastic.mget(list(keys), ("fact",))
    profile, opening = (documents.get(key, {}).get("fact") for key in keys)
    row = (await rows_of(given, who, [match]))[0]
    if profile and not await may_see_worker(given, who, match, profile):
        profile = None
    return {
        "row": row,
        "slots": await slots_ahead(given, [match.opening_id] if row.offers.books else []),
        "standing": await _standing(request, given, who, match),
        "chart": score_chart_of(match.reasons),
        "reasons": match_actions.CHOICES["reason"],
        "notified": await notifications.read_timelines_of_match(
            given, who, match.id, limit=MOST_NOTIFICATIONS
        ),
        "history": history_of(match),
        "reason_texts": await match_texts(given, who, match.id),
        "interview": await interview_details(given, match),
        "name_of": given.identities.name_of,
        **_sides(
            request,
            match,
            Profile.from_stored(profile) if profile else None,
            Opening.from_stored(opening) if opening else None,
        ),
    }


async def _standing(request: Request, given: Services, who: Principal, match: Match) -> str:
    """Return the rank of the match among the candidates of its opening; empty once it has ended."""
    if not match.state.active:
        return ""
    rivals = await matches.list_rivals(given, who, match.opening_id)
    found = rank_among(match, [Match.from_stored(each) for each in rivals])
    return rank_words(found, say_in(spoken(request)))


def _sides(
    request: Request, match: Match, worker: Profile | None, opening: Opening | None
) -> dict[str, Any]:
    """Return the comparison of both sides; without one of them, as much as the other allows."""
    values: dict[str, Any] = {
        "worker": worker,
        "opening": opening,
        "both": False,
        "lines": [],
        "skills": required_skills(match, opening) if opening else [],
        "sketch": None,
    }
    if worker is not None and opening is not None:
        places = place_sketch.points(worker.home, worker.location, opening.job_location)
        values |= {
            "both": True,
            "lines": comparison_lines(worker, opening, say_in(spoken(request))),
            "sketch": place_sketch.sketch_of(places),
        }
    return values


async def _match(given: Services, who: Principal, id: str) -> Match:
    """Return a match. Raises NotFound if it is out of reach."""
    return Match.from_stored((await matches.find_match(given, who, id))["fact"])


def back_to_queue(referer: str, last: str, station_id: str | None) -> str:
    """Return the path of the queue with the filters from which the reader came.

    From any other page, such as this one after an action without scripts, it leads to the last
    shown queue, whose query string is `last`. If the match's station has no part in that one, it
    leads to the whole queue of the station.
    """
    came = URL(referer)
    asked = filters_from_query(dict(parse_qsl(came.query if came.path == QUEUE else last)))
    if came.path != QUEUE and asked.station not in {ALL, station_id}:
        asked = filters_from_query({})
    filters = asked.at(asked.station or station_id or "")
    return f"{QUEUE}?{filters.address}".rstrip("?")


def _kind(sent: Mapping[str, str]) -> ActionKind:
    """Return the action that a form names. Raises Invalid if it names none."""
    try:
        return ActionKind(sent.get("kind", ""))
    except ValueError:
        raise at_field(Invalid, "kind", "choose an action.", "请选择操作。") from None


def _view(sent: Mapping[str, Any]) -> str:
    return sent["view"] if sent.get("view") in {ROW, GROUPED} else PAGE
