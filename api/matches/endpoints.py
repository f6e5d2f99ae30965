"""Endpoints of matches: list, of an opening, of a worker, shortlist, read, act."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Body, Query, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.guards.conditional import ANYTHING, IfMatch, tagged
from api.guards.idempotency.key_header import Key, Repeatable
from api.lists.answer_schemas import LOCATION, tagged_answer
from api.lists.paging import Cursor, Limit
from api.lists.sparse import Fields, only, sparse
from api.matches import service
from api.matches.match_answers import match_answer
from api.matches.schemas import Act, ActionFact, MatchAnswer, MatchFact, MatchListing
from api.matches.service import MatchFilter
from api.ports.services import Given
from api.writes.publishing import Wait
from roost.events.account import Permission
from roost.events.common import MatchId, OpeningId, StationId, WorkerId
from roost.events.match import ActionKind, Match, MatchState

router = APIRouter(prefix="/v1", tags=["matches"])
Reads = Annotated[Principal, allow(Permission.MATCHES_READ)]
Acts = Annotated[Principal, allow(Permission.MATCHES_ACT)]
Chosen = Annotated[Fields, sparse(Match, "urgency", "names")]


@router.get("/openings/{id}/matches", summary="Matches of an opening, best first")
async def list_matches_of_opening(
    id: OpeningId, who: Reads, given: Given, limit: Limit = 50, cursor: Cursor = None
) -> MatchListing:
    """Return the active matches within reach; employers see what each worker agreed to share."""
    return await service.list_matches_of_opening(given, who, id, limit=limit, cursor=cursor)


@router.get("/openings/{id}/shortlist", summary="Shortlist of an opening, as its employer sees it")
async def list_shortlist(
    id: OpeningId,
    who: Reads,
    given: Given,
    limit: Limit = 50,
    cursor: Cursor = None,
    all_states: Annotated[bool, Query(description="include matches that have ended")] = False,
) -> MatchListing:
    """Return the matches best first, to every caller as the employer sees them.

    Name and contact are included once the worker has accepted, or agreed beforehand to share them.
    """
    return await service.list_shortlist(
        given, who, id, all_states=all_states, limit=limit, cursor=cursor
    )


@router.get("/profiles/{id}/matches", summary="Matches of a worker, best first")
async def list_matches_of_worker(
    id: WorkerId, who: Reads, given: Given, limit: Limit = 50, cursor: Cursor = None
) -> MatchListing:
    """Return the active matches of a worker."""
    return await service.list_matches_of_worker(given, who, id, limit=limit, cursor=cursor)


@router.get("/matches", summary="List matches, newest first")
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
    changed_from: Annotated[date | None, Query(alias="from")] = None,
    changed_to: Annotated[date | None, Query(alias="to")] = None,
) -> MatchListing:
    """Return the matches within reach; a filter that is not given filters nothing."""
    wanted = MatchFilter(state, station, opening, worker, changed_from, changed_to)
    return await service.list_matches(given, who, wanted, limit=limit, cursor=cursor, fields=fields)


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


@router.post(
    "/matches/{id}/{kind}",
    status_code=202,
    summary="Claim, contact, refer, place …",
    responses={
        202: {"headers": LOCATION},
        200: {
            "model": MatchAnswer,
            "description": "The queue stage has decided",
            "headers": LOCATION,
        },
    },
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
