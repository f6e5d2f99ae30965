"""Pages of a worker's matches: the reasons, what is missing, the next step, accept and decline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.employer.opening_facts import opening_facts
from api.console.match.typed_texts import texts_of
from api.console.me.who import worker_of
from api.console.shell.form_answers import WAIT_S, read_form, redirect_done, refilled_form
from api.console.shell.form_layout import Layout, Typed
from api.console.shell.forms import Form, catch_refusal
from api.console.shell.plain import checked
from api.console.shell.rendering import next_page, page, spoken
from api.console.shell.saying import lacking, reasons, terms, wage
from api.console.shell.translations import Say, say_in
from api.lists.paging import Cursor
from api.matches import service as matches
from api.matches.free_slots import CountedSlot, slots_ahead
from api.matches.schemas import Act
from api.matches.service import ActionOutcome
from api.ports.services import Given, Services
from roost.errors import RoostError
from roost.events.account import Permission
from roost.events.common import MatchId
from roost.events.match import ActionKind, DeclineReason, MatchState, Role, Sharing
from roost.rules import visibility
from roost.rules.allowed_actions import kinds_allowed, state_refusal
from roost.topics import OPENINGS, STATIONS
from roost.wording.to_the_worker import to_the_worker

router = APIRouter(prefix="/console/me", include_in_schema=False)
Reads = Annotated[Principal, allow(Permission.MATCHES_READ)]
Acts = Annotated[Principal, allow(Permission.MATCHES_ACT)]
HERE = "/console/me"
AT_ONCE = 20
ACT = Layout(texts=("reason", "reasonText", "slotId"))
REASONS = (
    DeclineReason.WAGE,
    DeclineReason.PLACE,
    DeclineReason.SHIFTS,
    DeclineReason.SKILLS,
    DeclineReason.HAS_WORK,
    DeclineReason.NOT_INTERESTED,
    DeclineReason.OTHER,
)
"""Reasons for declining that the form offers to a worker."""
Answer = Literal[
    ActionKind.ACCEPT,
    ActionKind.DECLINE,
    ActionKind.SHARE,
    ActionKind.WITHHOLD,
    ActionKind.BOOK,
    ActionKind.UNDO,
]
"""Actions that a worker's pages submit."""
DONE = {
    ActionKind.ACCEPT: "accepted",
    ActionKind.SHARE: "shared",
    ActionKind.WITHHOLD: "withheld",
    ActionKind.BOOK: "slot_chosen",
    ActionKind.UNDO: "undone",
}
"""Key of the message after an action."""


@router.get("")
async def list_matches(
    request: Request,
    who: Reads,
    given: Given,
    cursor: Cursor = None,
) -> Response:
    """List the worker's active matches, best first."""
    worker = worker_of(who)
    found = await matches.list_matches_of_worker(given, who, worker, limit=AT_ONCE, cursor=cursor)
    return page(
        request,
        "me/matches.html",
        offers=await _offers(request, given, found.items),
        reasons=_choices(request),
        more=next_page(request, found.next),
        form=Form({}, {}),
        undo=request.query_params.get("undo"),
        done=request.query_params.get("done"),
    )


@router.get("/matches/{id}")
async def show_match(id: MatchId, request: Request, who: Reads, given: Given) -> Response:
    """Show one match."""
    return await _one(request, who, given, id)


@router.post("/matches/{id}/{kind}")
async def act_on_match(
    id: MatchId, kind: Answer, request: Request, who: Acts, given: Given
) -> Response:
    """Accept or decline a match, answer whether contact details may be shared, or undo that."""
    typed = await read_form(request, ACT)

    async def submit() -> ActionOutcome:
        worker_of(who)
        details = checked(Act, details_of(kind, typed))
        return await matches.act_on_match(given, who, id, kind, details, wait_s=WAIT_S)

    outcome = await catch_refusal(submit())
    if isinstance(outcome, RoostError):
        return await _one(request, who, given, id, refilled_form(request, ACT, typed, outcome), 422)
    if kind is ActionKind.DECLINE:
        return redirect_done(f"{HERE}?undo={id}", "declined")
    return redirect_done(f"{HERE}/matches/{id}", DONE[kind])


def details_of(kind: ActionKind, typed: Typed) -> dict[str, Any]:
    """Return the details of an action in a form."""
    match kind:
        case ActionKind.DECLINE:
            wire = {"reason": typed["reason"]} if typed["reason"] else {}
            return wire | texts_of(typed)
        case ActionKind.BOOK:
            return {"slotId": typed["slotId"]} if typed["slotId"] else {}
        case _:
            return {}


async def _one(
    request: Request,
    who: Principal,
    given: Services,
    id: str,
    form: Form | None = None,
    status: int = 200,
) -> Response:
    match = (await matches.read_match(given, who, id)).content
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
    """Return each match with its opening, in the words of the page."""
    keys = [(OPENINGS.name, each["openingId"]) for each in found]
    of = [(STATIONS.name, str(each.get("stationId"))) for each in found if each.get("stationId")]
    stored = await given.elastic.mget([*keys, *dict.fromkeys(of)], ("fact", "erased"))
    language = spoken(request)
    say = say_in(language)
    slots = await _slots(given, found)
    return [
        offer(match, _fact(stored.get(key)), say, language)
        | {"slots": slots.get(match["openingId"], [])}
        | {"station": _fact(stored.get((STATIONS.name, str(match.get("stationId")))))}
        for key, match in zip(keys, found, strict=True)
    ]


async def _slots(
    given: Services, found: Sequence[Mapping[str, Any]]
) -> dict[str, list[CountedSlot]]:
    """Return the slots ahead by opening, for the matches whose worker may choose one."""
    openings = [each["openingId"] for each in found if may_book(each)]
    slots: dict[str, list[CountedSlot]] = {}
    for each in await slots_ahead(given, openings):
        slots.setdefault(each.slot.opening_id, []).append(each)
    return slots


def may_book(match: Mapping[str, Any]) -> bool:
    """Return whether the worker may choose an interview slot of the opening."""
    return state_refusal(MatchState(match["state"]), Role.WORKER, ActionKind.BOOK) is None


def offer(
    match: Mapping[str, Any], opening: Mapping[str, Any] | None, say: Say, language: str
) -> dict[str, Any]:
    """Return one match with its opening, in the words of the page."""
    terms_of = opening or {}
    state, accepted = MatchState(match["state"]), visibility.accepted(match)
    sharing = Sharing(match["sharing"]) if match.get("sharing") else None
    answers = kinds_allowed(state, Role.WORKER, accepted=accepted, sharing=sharing)
    return {
        "match": match,
        "opening": opening,
        "wage": wage(terms_of.get("baseSalary"), say),
        "terms": terms(terms_of, say) if opening else [],
        "entered": opening_facts(terms_of, say) if opening else [],
        "why": [to_the_worker(each) for each in reasons(match, language)],
        "lacks": [to_the_worker(each) for each in lacking(match, language)],
        "missing": list(match.get("missingSkills", ())),
        "accepted": accepted,
        "paused": state.active and is_paused(match),
        "next": next_step(match),
        "answers": [each.value for each in answers],
        "sharing": sharing.value if sharing else "",
        "shares": visibility.shares_all(match),
    }


def is_paused(match: Mapping[str, Any]) -> bool:
    """Return whether the match's opening is paused."""
    pause = match.get("pause")
    return pause is not None and "resumedAt" not in pause


def next_step(match: Mapping[str, Any]) -> str:
    """Return the next step by state, as a key below `me.next`."""
    state = MatchState(match["state"])
    if state in {MatchState.PROPOSED, MatchState.CLAIMED}:
        return "station_calls" if visibility.accepted(match) else "say"
    return state.value


def _fact(document: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if document is None or document.get("erased") else document.get("fact")


def _choices(request: Request) -> list[tuple[str, str]]:
    say = say_in(spoken(request))
    return [(each.value, say(f"words.decline.{each.value}")) for each in REASONS]
