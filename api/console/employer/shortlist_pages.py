"""One opening as its employer sees it: who was found, why, and what was done about each.

Of a worker is shown what they consented to show, and more once they have accepted
(`roost.rules.visibility`): staff who open this page see the same, so that it can be talked about.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.employer.opening_counts import counted
from api.console.employer.opening_pages import HERE, VERBS, Reads, is_employer
from api.console.match.match_actions import do
from api.console.shell.form_answers import WAIT_S, again, done, typed_in
from api.console.shell.form_layout import Layout
from api.console.shell.forms import Form, taken
from api.console.shell.plain import checked
from api.console.shell.rendering import page, spoken
from api.console.shell.saying import lacking, moment, reasons, terms, wage
from api.console.shell.translations import say_in
from api.lists.documents import fact_with_version
from api.matches import endpoints as matches
from api.matches.schemas import Act
from api.openings import service as openings
from api.ports.services import Given, Services
from roost import ids
from roost.errors import RoostError
from roost.events.account import Permission
from roost.events.common import MatchId, OpeningId
from roost.events.match import ActionKind, DeclineReason, InterviewBy, MatchState
from roost.events.opening import OpeningStatus

router = APIRouter(prefix="/console/employer", include_in_schema=False)
Acts = Annotated[Principal, allow(Permission.MATCHES_ACT)]
AT_ONCE = 30
ACT = Layout(texts=("reason", "interviewAt", "interviewBy"))
STEPS: dict[MatchState, tuple[ActionKind, ...]] = {
    MatchState.PROPOSED: (ActionKind.DECLINE,),
    MatchState.CLAIMED: (ActionKind.DECLINE,),
    MatchState.CONTACTED: (ActionKind.INTERVIEW, ActionKind.PLACE, ActionKind.DECLINE),
    MatchState.REFERRED: (ActionKind.INTERVIEW, ActionKind.PLACE, ActionKind.DECLINE),
    MatchState.INTERVIEWED: (ActionKind.INTERVIEW, ActionKind.PLACE, ActionKind.DECLINE),
}
"""What an employer can do about a match in a state."""
REASONS = (
    DeclineReason.SKILLS,
    DeclineReason.SHIFTS,
    DeclineReason.WAGE,
    DeclineReason.PLACE,
    DeclineReason.UNREACHABLE,
    DeclineReason.EMPLOYER_CHOSE_OTHER,
    DeclineReason.OTHER,
)


@router.get("/openings/{id}")
async def read(
    id: OpeningId,
    request: Request,
    who: Reads,
    given: Given,
    all: bool = False,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    return await _page(request, who, given, id, all=all, cursor=cursor)


@router.post("/matches/{id}/{kind}")
async def act(id: MatchId, kind: ActionKind, request: Request, who: Acts, given: Given) -> Response:
    typed = await typed_in(request, ACT)
    opening = ids.split_match_id(id)[0]

    async def acting() -> dict[str, Any]:
        body = checked(Act, said(typed, given.settings.time_zone))
        return await do(given, who, id, kind, body, WAIT_S)

    outcome = await taken(acting())
    if isinstance(outcome, RoostError):
        form = again(request, ACT, typed, outcome)
        return await _page(request, who, given, opening, form=form, at=id, status=outcome.status)
    return done(f"{HERE}/{opening}?all=true", "acted")


def said(typed: dict[str, Any], zone: str) -> dict[str, Any]:
    """What was typed, with the moment in the county's time."""
    wire = {name: typed[name] for name in ("reason", "interviewBy") if typed[name]}
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
) -> Response:
    language = spoken(request)
    say = say_in(language)
    opening = fact_with_version(await openings.find_opening(given, who, id))
    found = await matches.shortlist(
        id=id, who=who, given=given, limit=AT_ONCE, cursor=cursor, all_states=all
    )
    (row,) = await counted(given, [opening])
    return page(
        request,
        "employer/opening.html",
        status=status,
        row=row,
        opening=opening,
        wage=wage(opening.get("baseSalary"), say),
        terms=terms(opening, say),
        people_found=[
            {
                "match": each,
                "reasons": reasons(each, language),
                "lacks": lacking(each, language),
                "steps": steps(each, is_employer(who)),
            }
            for each in found.items
        ],
        verbs=VERBS[OpeningStatus(opening["status"])],
        reasons=[(each.value, say(f"words.decline.{each.value}")) for each in REASONS],
        ways=[(each.value, say(f"words.interview.{each.value}")) for each in InterviewBy],
        mine=is_employer(who),
        all=all,
        at=at,
        form=form or Form(ACT.shown({}), {}),
        more=f"{HERE}/{id}?all={str(all).lower()}&cursor={found.next}" if found.next else None,
        done=request.query_params.get("done"),
    )


def steps(match: dict[str, Any], mine: bool) -> tuple[str, ...]:
    """What the employer can do about it; staff do it on the match's own page."""
    return tuple(kind.value for kind in STEPS.get(MatchState(match["state"]), ())) if mine else ()
