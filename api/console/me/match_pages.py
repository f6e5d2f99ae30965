"""A worker's matches in plain words: why this one, what is missing, what is next; yes and no."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.match.match_actions import do
from api.console.me.who import worker_of
from api.console.shell.form_answers import WAIT_S, again, done, typed_in
from api.console.shell.form_layout import Layout
from api.console.shell.forms import Form, taken
from api.console.shell.plain import checked
from api.console.shell.rendering import page, spoken
from api.console.shell.saying import lacking, reasons, terms, wage
from api.console.shell.translations import Say, say_in
from api.matches import endpoints as matches
from api.matches.schemas import Act
from api.ports.services import Given, Services
from roost.errors import RoostError
from roost.events.account import Permission
from roost.events.common import MatchId
from roost.events.match import ActionKind, DeclineReason, MatchState
from roost.rules import visibility
from roost.topics import OPENINGS

router = APIRouter(prefix="/console/me", include_in_schema=False)
Reads = Annotated[Principal, allow(Permission.MATCHES_READ)]
Acts = Annotated[Principal, allow(Permission.MATCHES_ACT)]
HERE = "/console/me"
AT_ONCE = 20
ACT = Layout(texts=("reason",))
REASONS = (
    DeclineReason.WAGE,
    DeclineReason.PLACE,
    DeclineReason.SHIFTS,
    DeclineReason.SKILLS,
    DeclineReason.HAS_WORK,
    DeclineReason.NOT_INTERESTED,
    DeclineReason.OTHER,
)
YES_NO = {"accept": ActionKind.ACCEPT, "decline": ActionKind.DECLINE, "undo": ActionKind.UNDO}
"""What a worker does about a match."""


@router.get("")
async def list_matches(
    request: Request,
    who: Reads,
    given: Given,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    found = await matches.of_worker(
        id=worker_of(who), who=who, given=given, limit=AT_ONCE, cursor=cursor
    )
    return page(
        request,
        "me/matches.html",
        offers=await _offers(request, given, found.items),
        reasons=_choices(request),
        more=f"{HERE}?cursor={found.next}" if found.next else None,
        form=Form({}, {}),
        undo=request.query_params.get("undo"),
        done=request.query_params.get("done"),
    )


@router.get("/matches/{id}")
async def read(id: MatchId, request: Request, who: Reads, given: Given) -> Response:
    return await _one(request, who, given, id)


@router.post("/matches/{id}/{said}")
async def act(id: MatchId, said: str, request: Request, who: Acts, given: Given) -> Response:
    typed = await typed_in(request, ACT)
    kind = YES_NO.get(said)

    async def acting() -> dict[str, Any]:
        worker_of(who)
        body = checked(Act, ACT.wire(typed) if kind is ActionKind.DECLINE else {})
        return await do(given, who, id, ActionKind(kind or said), body, WAIT_S)

    outcome = await taken(acting())
    if isinstance(outcome, RoostError):
        return await _one(request, who, given, id, again(request, ACT, typed, outcome), 422)
    if kind is ActionKind.DECLINE:
        return done(f"{HERE}?undo={id}", "declined")
    return done(f"{HERE}/matches/{id}", "accepted" if kind is ActionKind.ACCEPT else "undone")


async def _one(
    request: Request,
    who: Principal,
    given: Services,
    id: str,
    form: Form | None = None,
    status: int = 200,
) -> Response:
    match = await matches.read(id=id, who=who, given=given, response=Response())
    (offer,) = await _offers(request, given, [match])
    return page(
        request,
        "me/match.html",
        status=status,
        offer=offer,
        reasons=_choices(request),
        form=form or Form({}, {}),
        done=request.query_params.get("done"),
    )


async def _offers(
    request: Request, given: Services, found: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Each match with its opening, as a worker is told of it."""
    keys = [(OPENINGS.name, each["openingId"]) for each in found]
    openings = await given.elastic.mget(keys, ("fact", "erased"))
    language = spoken(request)
    say = say_in(language)
    return [
        offer(match, _fact(openings.get(key)), say, language)
        for key, match in zip(keys, found, strict=True)
    ]


def offer(
    match: Mapping[str, Any], opening: Mapping[str, Any] | None, say: Say, language: str
) -> dict[str, Any]:
    said = opening or {}
    return {
        "match": match,
        "opening": opening,
        "wage": wage(said.get("baseSalary"), say),
        "terms": terms(said, say) if opening else [],
        "why": reasons(match, language),
        "lacks": lacking(match, language),
        "missing": list(match.get("missingSkills", ())),
        "accepted": visibility.accepted(match),
        "next": next_step(match),
        "open": MatchState(match["state"]).active,
    }


def next_step(match: Mapping[str, Any]) -> str:
    """What comes next, by how far it is: a key below `me.next`."""
    state = MatchState(match["state"])
    if state in {MatchState.PROPOSED, MatchState.CLAIMED}:
        return "station_calls" if visibility.accepted(match) else "say"
    return state.value


def _fact(document: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if document is None or document.get("erased") else document.get("fact")


def _choices(request: Request) -> list[tuple[str, str]]:
    say = say_in(spoken(request))
    return [(each.value, say(f"words.decline.{each.value}")) for each in REASONS]
