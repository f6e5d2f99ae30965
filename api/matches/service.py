"""Use cases of matches: list, read, shortlist for an employer, and act.

Endpoints and console pages call these functions. An action is authorised here; the queue stage
alone decides what it changes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from api.access import belonging, policy
from api.access.principal import Principal
from api.guards.conditional import ANYTHING, Expected
from api.lists.documents import existing_document
from api.lists.paging import Listing, bool_of, page
from api.lists.totals import with_total
from api.matches import acting
from api.matches.asking import check_askable
from api.matches.free_slots import next_free_time
from api.matches.match_answers import (
    answer_tag,
    employer_answers,
    match_answer,
    match_answers,
    state_version,
)
from api.matches.match_query import (
    BEST,
    BEST_WITHOUT_PRIORITY,
    MatchFilter,
    MatchSort,
    match_clauses,
    mixed_by_employer,
    sort_for,
)
from api.matches.schemas import Act, check_details
from api.notes.action_texts import store_interview, store_reason
from api.ports.services import Services
from api.writes.publishing import poll, waited_for
from producers import facts
from roost import ids
from roost.events.account import Permission
from roost.events.match import SHARED_BY_ACCEPTANCE, ActionKind, MatchAction, MatchState
from roost.topics import MATCHES
from roost.views.elastic import Elastic, Json

APPEARS_WITHIN_S = 1.0
"""A live event can be ahead of the view: an unknown match is awaited for this long."""
MOST_RIVALS = 200
"""Most candidates of an opening with which a match is compared."""
SHARING_ACTIONS = frozenset({ActionKind.ACCEPT, ActionKind.SHARE})
"""Actions by which a worker shares name and contact details."""
ACTIVE: Json = {"term": {"active": True}}


@dataclass(frozen=True, slots=True)
class MatchAnswer:
    """A match as the caller may see it, and the entity tag of this answer."""

    content: dict[str, Any]
    tag: str


@dataclass(frozen=True, slots=True)
class DayOfMatches:
    """Number of matches that were proposed on one day, and the time of the last one."""

    last_at: datetime
    number: int


@dataclass(frozen=True, slots=True)
class ActionOutcome:
    """An acknowledged action, and the match once the queue stage has accepted the action."""

    action_id: str
    decided: Json | None
    """The match's document after the decision; None while the decision is pending."""


async def list_matches(
    given: Services,
    who: Principal,
    wanted: MatchFilter,
    *,
    sort: MatchSort = MatchSort.NEWEST,
    limit: int,
    cursor: str | None = None,
    total: bool = False,
) -> Listing:
    """Return a page of the matches within the caller's reach, by default newest first.

    Raises Invalid for a filter or an order that would show an employer or a worker more than the
    answers do.
    """
    how_far = policy.reach(who, Permission.MATCHES_READ)
    order = sort_for(how_far, sort)
    filters = await match_clauses(given, how_far, wanted)
    return await _listed(given, who, filters, order, limit, cursor, total, asked=wanted)


async def list_matches_of_opening(
    given: Services,
    who: Principal,
    opening_id: str,
    *,
    limit: int,
    cursor: str | None = None,
    total: bool = False,
) -> Listing:
    """Return a page of an opening's active matches, best first. Raises NotFound."""
    await belonging.opening(given, who, Permission.MATCHES_READ, opening_id)
    filters: list[Json] = [{"term": {"opening_id": opening_id}}, ACTIVE]
    return await _listed(given, who, filters, _best_for(who), limit, cursor, total)


async def list_matches_of_worker(
    given: Services,
    who: Principal,
    worker_id: str,
    *,
    limit: int,
    cursor: str | None = None,
    total: bool = False,
) -> Listing:
    """Return a page of a worker's active matches, best first. Raises NotFound.

    Within a page, matches of near scores are mixed by employer. The cursor follows the scores, so
    pages of any size hold every match once.
    """
    await belonging.profile(given, who, Permission.MATCHES_READ, worker_id)
    filters: list[Json] = [{"term": {"worker_id": worker_id}}, ACTIVE]
    return await _listed(
        given, who, filters, _best_for(who), limit, cursor, total, arranged=mixed_by_employer
    )


async def list_shortlist(
    given: Services,
    who: Principal,
    opening_id: str,
    *,
    all_states: bool = False,
    limit: int,
    cursor: str | None = None,
    total: bool = False,
) -> Listing:
    """Return a page of an opening's matches as its employer sees them, best first.

    Staff see no more here than the employer. Raises NotFound.
    """
    await belonging.own_opening(given, who, Permission.MATCHES_READ, opening_id)
    filters: list[Json] = [{"term": {"opening_id": opening_id}}]
    if not all_states:
        filters.append(ACTIVE)
    filters += belonging.matches_within_reach(who, Permission.MATCHES_READ)
    documents, following = await page(
        given, who.id, MATCHES.name, filters, BEST_WITHOUT_PRIORITY, limit, cursor
    )
    found = Listing(items=await employer_answers(given, documents), next=following)
    return await with_total(given, who.role, MATCHES.name, filters, found, total)


async def list_rivals(given: Services, who: Principal, opening_id: str) -> list[Json]:
    """Return the best active matches of an opening within the caller's reach, best first.

    They are facts with id, score and reasons, for a comparison on the pages of the staff.
    """
    filters = [{"term": {"opening_id": opening_id}}, ACTIVE]
    filters += belonging.matches_within_reach(who, Permission.MATCHES_READ)
    query: Json = {"bool": {"filter": filters}}
    body: Json = {"size": MOST_RIVALS, "sort": BEST, "query": query, "_source": ["fact"]}
    return [each.source["fact"] for each in (await given.elastic.search(MATCHES.name, body)).hits]


async def count_states(
    given: Services, who: Principal, opening_ids: Sequence[str]
) -> dict[str, dict[MatchState, int]]:
    """Return the number of matches within the caller's reach, by opening and state.

    They are the matches that `list_matches` shows: a station learns of no other station's work.
    """
    within = belonging.matches_within_reach(who, Permission.MATCHES_READ)
    states = list(MatchState)
    tallies = await given.elastic.tallies(
        MATCHES.name,
        [
            ("opening_id", opening_ids, bool_of([{"term": {"state": each.value}}, *within]))
            for each in states
        ],
    )
    return {
        id: {state: tally.get(id, 0) for state, tally in zip(states, tallies, strict=True)}
        for id in opening_ids
    }


async def count_by_day(
    given: Services, who: Principal, opening_ids: Sequence[str]
) -> list[DayOfMatches]:
    """Return the matches within the caller's reach by the county's day of their proposal."""
    within = belonging.matches_within_reach(who, Permission.MATCHES_READ)
    zone = given.settings.time_zone
    query = bool_of([{"terms": {"opening_id": list(opening_ids)}}, *within])
    days: Json = {
        "date_histogram": {
            "field": "proposed_at",
            "calendar_interval": "day",
            "time_zone": zone,
            "min_doc_count": 1,
        },
        "aggs": {"last": {"max": {"field": "proposed_at"}}},
    }
    _, answered = await given.elastic.aggregate(MATCHES.name, query, {"days": days})
    return [
        DayOfMatches(datetime.fromtimestamp(each["last"]["value"] / 1000, UTC), each["doc_count"])
        for each in answered["days"]["buckets"]
    ]


async def find_match(given: Services, who: Principal, id: str) -> Json:
    """Return a match's document, for pages of the staff. Raises NotFound if it is out of reach."""
    return await belonging.match(given, who, Permission.MATCHES_READ, id)


async def read_match(given: Services, who: Principal, id: str) -> MatchAnswer:
    """Return a match as the caller may see it. Raises NotFound if it is out of reach."""
    document = await find_match(given, who, id)
    content = await match_answer(given, who, document)
    return MatchAnswer(content, answer_tag(given.key, document, content))


async def act_on_match(
    given: Services,
    who: Principal,
    id: str,
    kind: ActionKind,
    details: Act,
    *,
    seed: str | None = None,
    expected: Expected = ANYTHING,
    wait_s: float = 0.0,
) -> ActionOutcome:
    """Publish an action on a match; return the queue stage's decision if it comes in time.

    Actions of one actor and kind with the same `seed` are one action. Without a seed the match's
    revision serves as one: the same action on the same revision is not repeated.

    Raises NotFound, Forbidden, Invalid, PreconditionFailed, and ActionRefused if a colleague holds
    the match or the queue stage refuses the action within `wait_s` seconds.
    """
    check_details(kind, details, given.clock.now())
    permission = acting.PERMISSIONS.get(kind, Permission.MATCHES_ACT)
    document = await _document_soon(given.elastic, who, permission, id)
    action = authorised_action(given, who, document, kind, details, seed, expected)
    if kind is ActionKind.ASK_SHARING:
        await check_askable(given, document)
    await store_texts(given, action, details)
    await given.publisher.publish([facts.match_action_taken(action)])
    decided = await decided_within(given.elastic, action, wait_s)
    if decided is not None:
        remedy = await _next_slot(given, decided, action)
        if (refused := refusal_in(given, decided, action.id, remedy)) is not None:
            raise refused
    return ActionOutcome(action.id, decided)


def authorised_action(
    given: Services,
    who: Principal,
    document: Json,
    kind: ActionKind,
    details: Act,
    seed: str | None,
    expected: Expected,
    at: datetime | None = None,
) -> MatchAction:
    """Return the action if the caller may take it on a match within reach, for its assignee.

    Actions of a batch share their time `at`: a call and the answer given in it are one step.
    """
    expected.check(state_version(given.key, document), document["version"])
    actor = acting.actor_of(who, details.actor)
    acting.check_held(document, actor, kind, given.identities.name_of)
    if details.assignee is not None:
        account = given.identities.accounts.get(details.assignee)
        acting.check_assignee(who, details.assignee, account, document.get("station_id"))
    id = document["id"]
    return MatchAction(
        id=ids.derive("a", id, kind, actor.id, seed or str(document["revision"])),
        match_id=id,
        kind=kind,
        actor=actor,
        at=at or given.clock.now(),
        shares=SHARED_BY_ACCEPTANCE if kind in SHARING_ACTIONS else (),
        **(details.details() | _answer_by(given, kind, details)),
    )


def _answer_by(given: Services, kind: ActionKind, details: Act) -> dict[str, object]:
    """Return the end of the time for an answer, in the county's zone, for a question."""
    if kind is not ActionKind.ASK_SHARING:
        return {}
    days = given.settings.sharing_answer_days
    until = details.answer_by or given.clock.now() + timedelta(days=days)
    return {"answer_by": until.astimezone(given.settings.zone)}


async def store_texts(given: Services, action: MatchAction, details: Act) -> None:
    """Store the texts of an authorised action apart from it. Raises Transient."""
    if details.reason_text is not None:
        await store_reason(given, action, details.reason_text)
    if details.interview is not None:
        await store_interview(given, action, details.interview)


async def _document_soon(elastic: Elastic, who: Principal, permission: Permission, id: str) -> Json:
    """Return a match's document; an unknown one is awaited for a moment.

    So is one out of the caller's reach: the id of a match names its opening and its worker, so an
    early answer would tell that the two are matched.

    Raises Forbidden and NotFound.
    """
    policy.reach(who, permission)

    def is_within_reach(document: Json | None) -> bool:
        return document is not None and belonging.reaches_match(who, permission, document)

    with suppress(TimeoutError):
        async with asyncio.timeout(APPEARS_WITHIN_S):
            await poll(elastic, MATCHES.name, id, is_within_reach)
    document = await existing_document(elastic, MATCHES.name, id, "match", "匹配")
    belonging.check_match(who, permission, document)
    return document


async def decided_within(elastic: Elastic, action: MatchAction, wait_s: float) -> Json | None:
    """Return the match once searches show the decision on an action; None if it is pending."""

    def is_decided(document: Json | None) -> bool:
        return has_decided(document, action.id)

    found = await waited_for(elastic, MATCHES.name, [action.match_id], is_decided, wait_s)
    return found[0] if found else None


def has_decided(document: Json | None, action_id: str) -> bool:
    """Return whether a match's document holds the queue stage's decision on an action."""
    return _entry_of(document or {}, action_id) is not None


def refusal_in(
    given: Services, document: Json, action_id: str, remedy: tuple[str, str] = ("", "")
) -> acting.ActionRefused | None:
    """Return the queue stage's refusal of an action, with its reason; None if it refused none."""
    entry = _entry_of(document, action_id)
    if entry is None or entry["outcome"] != "refused":
        return None
    holder = given.identities.name_of(entry.get("holder") or "")
    return acting.ActionRefused(entry["why"], holder, MatchState(document["state"]), remedy)


async def _next_slot(given: Services, document: Json, action: MatchAction) -> tuple[str, str]:
    """Return the words that name the next free slot after a refused booking, in both languages."""
    entry = _entry_of(document, action.id)
    if action.kind is not ActionKind.BOOK or entry is None or entry["outcome"] != "refused":
        return "", ""
    at = await next_free_time(given, document["opening_id"])
    if at is None:
        return " No other time is free; ask the station.", "目前没有其他空闲时段，请联系服务站。"
    text = f"{at.astimezone(given.settings.zone):%Y-%m-%d %H:%M}"
    return f" The next free time is {text}.", f"下一个空闲时段为 {text}。"


def _entry_of(document: Json, action_id: str) -> Json | None:
    """Return the entry of a decided action, accepted or refused; None while it is pending."""
    fact = document.get("fact") or {}
    decided = (*fact.get("history", ()), *fact.get("refusals", ()))
    return next((entry for entry in decided if entry["actionId"] == action_id), None)


def _best_for(who: Principal) -> list[Json]:
    """Return the order of matches, best first, that the caller may see."""
    staff_or_worker = policy.reach(who, Permission.MATCHES_READ) is not policy.Reach.EMPLOYER
    return BEST if staff_or_worker else BEST_WITHOUT_PRIORITY


async def _listed(
    given: Services,
    who: Principal,
    filters: list[Json],
    sort: list[Json],
    limit: int,
    cursor: str | None,
    total: bool,
    *,
    asked: object = None,
    arranged: Callable[[Sequence[Json]], Sequence[Json]] = list,
) -> Listing:
    within = [*filters, *belonging.matches_within_reach(who, Permission.MATCHES_READ)]
    documents, following = await page(
        given, who.id, MATCHES.name, within, sort, limit, cursor, asked=asked
    )
    found = Listing(items=await match_answers(given, who, arranged(documents)), next=following)
    return await with_total(given, who.role, MATCHES.name, within, found, total)
