"""Page of one opening as its employer sees it: the workers found, the reasons, and the actions.

It shows the fields that a worker agreed to share, and more once they have accepted
(`roost.rules.visibility`). Staff see the same here, so that they can discuss it with the employer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.candidate_requests.service import request_shown
from api.console.employer.opening_counts import counted, counts_all
from api.console.employer.opening_facts import opening_facts
from api.console.employer.opening_pages import HERE, Reads, is_employer
from api.console.match.candidate_rank import difference_words, differences, points_by_part
from api.console.match.typed_texts import TEXTS, texts_of
from api.console.notes.section import Section, notes_section
from api.console.shell.form_answers import WAIT_S, read_form, redirect_done, refilled_form
from api.console.shell.form_layout import Layout
from api.console.shell.forms import Form, catch_refusal
from api.console.shell.plain import checked
from api.console.shell.rendering import page, spoken
from api.console.shell.saying import lacking, moment, reasons_with_points
from api.console.shell.translations import Say, say_in
from api.console.timelines.timeline import (
    TimelinePage,
    change_events,
    day_events,
    newest_first,
    note_events,
    page_of_events,
    posting_events,
)
from api.history.changes import changes_of_opening
from api.lists.documents import fact_with_version
from api.lists.paging import Cursor
from api.matches import service as matches
from api.matches.responsible import responsible_for_opening
from api.matches.schemas import Act
from api.matches.service import ActionOutcome
from api.openings import service as openings
from api.openings.review import passages_to_review
from api.openings.schemas import verbs_offered
from api.ports.services import Given, Services
from roost import ids
from roost.errors import RoostError
from roost.events.account import Permission
from roost.events.common import MatchId, OpeningId
from roost.events.match import ActionKind, DeclineReason, InterviewBy, MatchState, Role, Sharing
from roost.events.note import NoteAbout
from roost.events.opening import OpeningStatus
from roost.rules.allowed_actions import kinds_allowed
from roost.views.elastic import Json
from roost.wording.opening_refusals import refusal_lines

router = APIRouter(prefix="/console/employer", include_in_schema=False)
Acts = Annotated[Principal, allow(Permission.MATCHES_ACT)]
AT_ONCE = 30
MOST_CHANGES = 200
"""Newest changes of an opening that its timeline holds."""
ACT = Layout(texts=("reason", "interviewAt", "interviewBy", *TEXTS))
REASONS = (
    DeclineReason.SKILLS,
    DeclineReason.SHIFTS,
    DeclineReason.WAGE,
    DeclineReason.PLACE,
    DeclineReason.UNREACHABLE,
    DeclineReason.EMPLOYER_CHOSE_OTHER,
    DeclineReason.OTHER,
)
"""Reasons for declining that the form offers to an employer."""


@router.get("/openings/{id}")
async def show_opening(
    id: OpeningId,
    request: Request,
    who: Reads,
    given: Given,
    all: bool = False,
    cursor: Cursor = None,
    number: Annotated[int, Query(alias="page", ge=1, le=1_000)] = 1,
) -> Response:
    """Show an opening with its shortlist and a page of its timeline."""
    return await _page(request, who, given, id, all=all, cursor=cursor, number=number)


@router.post("/matches/{id}/{kind}")
async def act_on_match(
    id: MatchId, kind: ActionKind, request: Request, who: Acts, given: Given
) -> Response:
    """Act on a match of the opening."""
    typed = await read_form(request, ACT)
    opening = ids.split_match_id(id)[0]

    async def submit() -> ActionOutcome:
        details = checked(Act, details_of(typed, given.settings.time_zone))
        return await matches.act_on_match(given, who, id, kind, details, wait_s=WAIT_S)

    outcome = await catch_refusal(submit())
    if isinstance(outcome, RoostError):
        form = refilled_form(request, ACT, typed, outcome)
        return await _page(request, who, given, opening, form=form, at=id, status=outcome.status)
    return redirect_done(f"{HERE}/{opening}?all=true", "acted")


def details_of(typed: dict[str, Any], zone: str) -> dict[str, Any]:
    """Return the details in a form; the time is of the county's time zone."""
    wire = {name: typed[name] for name in ("reason", "interviewBy") if typed[name]}
    wire |= texts_of(typed)
    if typed["interviewAt"]:
        wire["interviewAt"] = moment(typed["interviewAt"], zone) or typed["interviewAt"]
    return wire


async def _page(
    request: Request,
    who: Principal,
    given: Services,
    id: str,
    *,
    all: bool = True,
    cursor: str | None = None,
    form: Form | None = None,
    at: str = "",
    status: int = 200,
    number: int = 1,
) -> Response:
    language = spoken(request)
    say = say_in(language)
    document = await openings.find_opening(given, who, id)
    opening = fact_with_version(document)
    found = await matches.list_shortlist(
        given, who, id, all_states=all, limit=AT_ONCE, cursor=cursor
    )
    (row,) = await counted(given, who, [opening])
    notes = await notes_section(given, who, NoteAbout.OPENING, id)
    return page(
        request,
        "employer/opening.html",
        waiting=await openings.explain_waiting(given, who, id),
        status=status,
        row=row,
        counts_all=counts_all(who),
        opening=opening,
        review=passages_to_review(opening, language),
        facts=opening_facts(opening, say),
        responsible=await responsible_for_opening(given, document),
        asked=await request_shown(given, who, id),
        refused_for=refusal_lines(
            (opening.get("decision") or {}).get("refusal"), chinese=language == "zh"
        ),
        people_found=_people(found.items, who, language),
        in_progress=await openings.people_in_progress(given, who, id),
        verbs=verbs_offered(OpeningStatus(opening["status"])),
        reasons=[(each.value, say(f"words.decline.{each.value}")) for each in REASONS],
        ways=[(each.value, say(f"words.interview.{each.value}")) for each in InterviewBy],
        mine=is_employer(who),
        all=all,
        at=at,
        form=form or Form(ACT.shown({}), {}),
        history=await timeline_of(given, who, opening, number, notes),
        no_form=Form(ACT.shown({}), {}),
        notes=notes,
        more=f"{HERE}/{id}?all={str(all).lower()}&cursor={found.next}" if found.next else None,
        done=request.query_params.get("done"),
    )


async def timeline_of(
    given: Services, who: Principal, opening: Json, number: int, notes: Section | None
) -> TimelinePage:
    """Return a page of an opening's timeline: changes, notes and the new matches of each day."""
    changes, days = await asyncio.gather(
        changes_of_opening(given, who, opening["id"], limit=MOST_CHANGES),
        matches.count_by_day(given, who, [opening["id"]]),
    )
    events = newest_first(
        day_events(days),
        change_events(changes, {}),
        posting_events([opening], changes, {}),
        note_events(notes.items if notes else ()),
    )
    return page_of_events(events, number, cut=len(changes) == MOST_CHANGES)


def _people(found: Sequence[dict[str, Any]], who: Principal, language: str) -> list[dict[str, Any]]:
    """Return the matches in words, each compared with the one above it."""
    above = [None, *found]
    return [
        _person(match, before, who, language) for before, match in zip(above, found, strict=False)
    ]


def _person(
    match: dict[str, Any], above: dict[str, Any] | None, who: Principal, language: str
) -> dict[str, Any]:
    """Return a match with the reasons for it in words, and the actions to offer."""
    return {
        "match": match,
        "reasons": reasons_with_points(match, language),
        "compared": compared(match, above, say_in(language)),
        "lacks": lacking(match, language),
        "steps": steps_offered(match) if is_employer(who) else (),
    }


def compared(match: dict[str, Any], above: dict[str, Any] | None, say: Say) -> str:
    """Return how a candidate's points about work differ from those of the one above, in words.

    It is empty for the first, and where one of the two shares no reasons.
    """
    if above is None or "reasons" not in match or "reasons" not in above:
        return ""
    parts = differences(points_by_part(match["reasons"]), points_by_part(above["reasons"]))
    if not parts:
        return say("employer.compared_equal")
    return say("employer.compared", parts=difference_words(parts, say))


def steps_offered(match: dict[str, Any]) -> tuple[str, ...]:
    """Return the actions that the page offers the employer; staff act on the match's own page."""
    asked = Sharing.ASKED if match.get("sharingAskedAt") else None
    named = "name" in match.get("worker", {}) or bool(match.get("acceptedAt"))
    kinds = kinds_allowed(MatchState(match["state"]), Role.EMPLOYER, accepted=named, sharing=asked)
    return tuple(kind.value for kind in kinds)
