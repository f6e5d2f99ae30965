"""Endpoints of matches: list, of an opening, of a worker, shortlist, read, act."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Body, Query, Request, Response
from pydantic import AwareDatetime

from api.access.principal import Principal
from api.access.requirements import allow
from api.guards.conditional import ANYTHING, IfMatch, tagged
from api.guards.idempotency.key_header import Key, Repeatable
from api.guards.problem_responses import problem_body
from api.lists.answer_schemas import tagged_answer
from api.lists.clauses import COUNTY_DAY
from api.lists.paging import Cursor, Limit, with_fields
from api.lists.sparse import Fields, only, sparse
from api.lists.totals import Total
from api.matches import batches, service
from api.matches.batches import Taken
from api.matches.match_answers import match_answer
from api.matches.match_query import MatchFilter, MatchSort
from api.matches.schemas import (
    DECIDED,
    Act,
    ActionBatch,
    ActionFact,
    ActionProblem,
    BatchAnswers,
    BatchedAction,
    BatchedAnswer,
    MatchAnswer,
    MatchFact,
    MatchListing,
)
from api.ports.services import Given
from api.writes.publishing import Wait
from roost.events.account import Permission
from roost.events.common import MatchId, OpeningId, StationId, WorkerId
from roost.events.match import ActionKind, ActorId, MatchState

BATCH = {
    "items": [
        {
            "matchId": f"m-{'a' * 26}.{'b' * 26}",
            "kind": "contact",
            "details": {"contact": "reached"},
        },
        {"matchId": f"m-{'a' * 26}.{'c' * 26}", "kind": "claim"},
    ]
}
router = APIRouter(prefix="/v1", tags=["matches"])
Reads = Annotated[Principal, allow(Permission.MATCHES_READ)]
Acts = Annotated[Principal, allow(Permission.MATCHES_ACT)]
Chosen = Annotated[Fields, sparse(MatchAnswer)]


@router.get("/openings/{id}/matches", summary="Matches of an opening, best first")
async def list_matches_of_opening(
    id: OpeningId,
    who: Reads,
    given: Given,
    limit: Limit = 50,
    cursor: Cursor = None,
    fields: Chosen = None,
    total: Total = False,
) -> MatchListing:
    """Return the active matches within reach; employers see what each worker agreed to share."""
    found = await service.list_matches_of_opening(
        given, who, id, limit=limit, cursor=cursor, total=total
    )
    return with_fields(found, fields)


@router.get("/openings/{id}/shortlist", summary="Shortlist of an opening, as its employer sees it")
async def list_shortlist(
    id: OpeningId,
    who: Reads,
    given: Given,
    limit: Limit = 50,
    cursor: Cursor = None,
    fields: Chosen = None,
    all_states: Annotated[bool, Query(description="include matches that have ended")] = False,
    total: Total = False,
) -> MatchListing:
    """Return the matches best first, to every caller as the employer sees them.

    Name and contact are included once the worker has accepted, or agreed beforehand to share them.
    """
    found = await service.list_shortlist(
        given, who, id, all_states=all_states, limit=limit, cursor=cursor, total=total
    )
    return with_fields(found, fields)


@router.get("/profiles/{id}/matches", summary="Matches of a worker, best first")
async def list_matches_of_worker(
    id: WorkerId,
    who: Reads,
    given: Given,
    limit: Limit = 50,
    cursor: Cursor = None,
    fields: Chosen = None,
    total: Total = False,
) -> MatchListing:
    """Return the active matches of a worker; within a page, near scores are mixed by employer."""
    found = await service.list_matches_of_worker(
        given, who, id, limit=limit, cursor=cursor, total=total
    )
    return with_fields(found, fields)


@router.get("/matches", summary="Search matches")
async def list_matches(
    who: Reads,
    given: Given,
    limit: Limit = 50,
    cursor: Cursor = None,
    fields: Chosen = None,
    state: Annotated[list[MatchState] | None, Query()] = None,
    station: StationId | None = None,
    opening: OpeningId | None = None,
    worker: WorkerId | None = None,
    changed_from: Annotated[date | None, Query(alias="from", description=COUNTY_DAY)] = None,
    changed_to: Annotated[date | None, Query(alias="to", description=COUNTY_DAY)] = None,
    changed_since: Annotated[AwareDatetime | None, Query(alias="changedSince")] = None,
    changed_until: Annotated[AwareDatetime | None, Query(alias="changedUntil")] = None,
    assignee: Annotated[
        ActorId | None, Query(description="colleague to whom it is assigned; for staff only")
    ] = None,
    q: Annotated[str | None, Query(max_length=100, description="words of the title")] = None,
    sort: MatchSort = MatchSort.NEWEST,
    total: Total = False,
) -> MatchListing:
    """Return the matches within reach; a filter that is not given filters nothing.

    For employers the score leaves out the priority of registered households, and they do not filter
    by station.
    """
    wanted = MatchFilter(
        states=state,
        station=station,
        opening=opening,
        worker=worker,
        assignee=assignee,
        title=q,
        changed_from=changed_from,
        changed_to=changed_to,
        changed_since=changed_since,
        changed_until=changed_until,
    )
    found = await service.list_matches(
        given, who, wanted, sort=sort, limit=limit, cursor=cursor, total=total
    )
    return with_fields(found, fields)


@router.get(
    "/matches/{id}",
    summary="Read a match with its reasons and history",
    responses=tagged_answer(),
)
async def read_match(
    id: MatchId, who: Reads, given: Given, response: Response, fields: Chosen = None
) -> MatchFact:
    """Return a match as the caller may see it, or the requested fields of it."""
    answer = await service.read_match(given, who, id)
    tagged(response, answer.tag)
    return only(answer.content, fields)


@router.post("/matches/actions", summary="Act on many matches", dependencies=[Repeatable])
async def act_on_matches(
    batch: Annotated[ActionBatch, Body(examples=[BATCH])],
    given: Given,
    who: Acts,
    request: Request,
    key: Key = None,
) -> BatchAnswers:
    """Submit up to 100 actions; each is authorised, answered and audited by itself.

    The status of an item is 202 once Kafka has its action, or that of its `problem`. Nothing waits
    for the decisions of the queue stage: read the matches, or follow the changes. A batch that is
    repeated under its `Idempotency-Key` has no further effect. A malformed item refuses the batch.
    """
    outcomes = await batches.act_on_matches(given, who, batch.items, seed=key)
    request.state.audited_items = batches.audited_items(batch.items, outcomes)
    return BatchAnswers(
        items=[
            _batched_answer(request, item, outcome)
            for item, outcome in zip(batch.items, outcomes, strict=True)
        ]
    )


def _batched_answer(request: Request, item: BatchedAction, outcome: Taken) -> BatchedAnswer:
    problem = None
    if outcome.error is not None:
        where = f"/v1/matches/{item.match_id}"
        problem = ActionProblem(**problem_body(request, outcome.error, where))
    return BatchedAnswer(
        match_id=item.match_id,
        kind=item.kind,
        status=outcome.status,
        action=outcome.action.id if outcome.action else None,
        problem=problem,
    )


@router.post(
    "/matches/{id}/{kind}",
    status_code=202,
    summary="Claim, contact, refer, place …",
    responses=DECIDED,
    dependencies=[Repeatable],
)
async def act_on_match(
    id: MatchId,
    kind: ActionKind,
    given: Given,
    who: Acts,
    wait: Wait,
    response: Response,
    body: Annotated[Act | None, Body(examples=[{"contact": "reached"}])] = None,
    key: Key = None,
    expected: IfMatch = ANYTHING,
) -> ActionFact:
    """Submit an action; `Prefer: wait=N` returns the match once the queue stage has decided.

    The caller is the actor; only a key that reaches everything may name another system's clerk.
    `accept` states the worker's consent that the employer sees their name and contact details until
    the worker declines or the match ends; the history records it (`shares`).
    Requests with the same `Idempotency-Key` are one action. Without a key, the same action by the
    same person on the same revision is one.
    """
    outcome = await service.act_on_match(
        given, who, id, kind, body or Act(), seed=key, expected=expected, wait_s=wait
    )
    response.headers["location"] = f"/v1/matches/{id}"
    if outcome.decided is None:
        return {"id": id, "action": outcome.action_id, "self": f"/v1/matches/{id}"}
    response.status_code = 200
    return await match_answer(given, who, outcome.decided)
