"""Matches: of an opening, of a worker; and what people do about one."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response

from api.access import belonging
from api.access.principal import Principal
from api.access.requirements import allow
from api.guards.conditional import ANYTHING, IfMatch, tagged
from api.guards.idempotency.key_header import Key, Repeatable
from api.lists.documents import existing_document
from api.lists.paging import Cursor, Limit, Listing, page
from api.lists.sparse import only
from api.matches import acting
from api.matches.schemas import Act, check_said
from api.matches.seen import Chosen, as_employer, seen, seen_all, tag_of_seen
from api.ports.services import Given, Services
from api.writes.publishing import Wait, poll, waited_for
from producers import facts
from roost import ids
from roost.events.account import Permission
from roost.events.common import MatchId, OpeningId, WorkerId
from roost.events.match import ActionKind, MatchAction, MatchState
from roost.views.elastic import Elastic, Json

router = APIRouter(prefix="/v1", tags=["matches"])
Reads = Annotated[Principal, allow(Permission.MATCHES_READ)]
Acts = Annotated[Principal, allow(Permission.MATCHES_ACT)]
COMING_S = 1.0
BEST: list[Json] = [{"score": "desc"}]


@router.get("/openings/{id}/matches", summary="Matches of an opening, best first")
async def of_opening(
    id: OpeningId, who: Reads, given: Given, limit: Limit = 50, cursor: Cursor = None
) -> Listing:
    """Those of them that they may see; an employer sees of a worker what that one consented to."""
    await belonging.opening(given, who, Permission.MATCHES_READ, id)
    wanted: list[Json] = [{"term": {"opening_id": id}}, {"term": {"active": True}}]
    return await _listed(given, who, wanted, limit, cursor)


@router.get("/openings/{id}/shortlist", summary="Who was found for an opening, as its employer")
async def shortlist(
    id: OpeningId,
    who: Reads,
    given: Given,
    limit: Limit = 50,
    cursor: Cursor = None,
    all_states: Annotated[bool, Query(description="those that are over as well")] = False,
) -> Listing:
    """Best first, whoever asks: what the employer may see of each, and nothing else.

    Name and contact come once the worker has accepted, or consented to it beforehand.
    """
    await belonging.own_opening(given, who, Permission.MATCHES_READ, id)
    wanted: list[Json] = [{"term": {"opening_id": id}}]
    if not all_states:
        wanted.append({"term": {"active": True}})
    wanted += belonging.matches_within_reach(who, Permission.MATCHES_READ)
    documents, following = await page(given.elastic, "matches", wanted, BEST, limit, cursor)
    return Listing(items=await as_employer(given, documents), next=following)


@router.get("/profiles/{id}/matches", summary="Matches of a worker, best first")
async def of_worker(
    id: WorkerId, who: Reads, given: Given, limit: Limit = 50, cursor: Cursor = None
) -> Listing:
    await belonging.profile(given, who, Permission.MATCHES_READ, id)
    wanted: list[Json] = [{"term": {"worker_id": id}}, {"term": {"active": True}}]
    return await _listed(given, who, wanted, limit, cursor)


@router.get("/matches/{id}", summary="Read a match with its reasons and history")
async def read(
    id: MatchId, who: Reads, given: Given, response: Response, fields: Chosen = None
) -> dict[str, Any]:
    document = await belonging.match(given, who, Permission.MATCHES_READ, id)
    said = await seen(given, who, document)
    tagged(response, tag_of_seen(document, said))
    return only(said, fields)


@router.post(
    "/matches/{id}/{kind}",
    status_code=202,
    summary="Claim, contact, refer, place …",
    dependencies=[Repeatable],
)
async def act(
    id: MatchId,
    kind: ActionKind,
    given: Given,
    who: Acts,
    wait: Wait,
    response: Response,
    body: Annotated[Act | None, Body(examples=[{"contact": "reached"}])] = None,
    key: Key = None,
    expected: IfMatch = ANYTHING,
) -> dict[str, Any]:
    """Tells the queue stage, which alone decides; with `Prefer: wait=N` its decision comes back.

    Who acts is who asks; a key may name the clerk of its house for whom it does.
    The same key, or without one the same person doing the same to the same revision, is one action.
    """
    said, name = body or Act(), given.identities.name_of
    check_said(kind, said, given.clock.now())
    document = await _standing_or_coming(given.elastic, id)
    belonging.check_match(who, acting.NEEDS.get(kind, Permission.MATCHES_ACT), document)
    expected.check(document["version"])
    actor = acting.actor_of(who, said.actor)
    acting.check_held(document, actor, kind, name)
    if said.assignee is not None:
        account = given.identities.accounts.get(said.assignee)
        acting.check_assignee(who, said.assignee, account, document.get("station_id"))
    once = key or str(document["revision"])
    action = MatchAction(
        id=ids.derive("a", id, kind, actor.id, once),
        match_id=id,
        kind=kind,
        actor=actor,
        at=given.clock.now(),
        **said.details(),
    )
    await given.publisher.publish([facts.match_action_taken(action)])
    response.headers["location"] = f"/v1/matches/{id}"
    judged = await _judged(given.elastic, id, action.id, wait)
    if judged is None:
        return {"id": id, "action": action.id, "self": f"/v1/matches/{id}"}
    entry = next(each for each in judged["fact"]["history"] if each["actionId"] == action.id)
    if entry["outcome"] == "refused":
        holder = name(entry.get("holder") or "")
        raise acting.ActionRefused(entry["why"], holder, MatchState(judged["state"]))
    response.status_code = 200
    return await seen(given, who, judged)


async def _standing_or_coming(elastic: Elastic, id: str) -> Json:
    """A live event can be a moment ahead of the view; only what stays away is not found."""
    with suppress(TimeoutError):
        async with asyncio.timeout(COMING_S):
            await poll(elastic, "matches", id, lambda document: document is not None)
    return await existing_document(elastic, "matches", id, "match", "匹配")


async def _listed(
    given: Services, who: Principal, wanted: list[Json], limit: int, cursor: str | None
) -> Listing:
    within = belonging.matches_within_reach(who, Permission.MATCHES_READ)
    documents, following = await page(
        given.elastic, "matches", [*wanted, *within], BEST, limit, cursor
    )
    return Listing(items=await seen_all(given, who, documents), next=following)


async def _judged(elastic: Elastic, id: str, action_id: str, wait_s: float) -> Json | None:
    """The match once the queue stage has decided, which every list then shows as well."""

    def there(document: Json | None) -> bool:
        history = (document or {}).get("fact", {}).get("history", [])
        return any(entry["actionId"] == action_id for entry in history)

    found = await waited_for(elastic, "matches", [id], there, wait_s)
    return found[0] if found else None
