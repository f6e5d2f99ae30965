"""Matches: of an opening, of a worker; and what people do about one."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Response

from api.dependencies import Given, Wait, poll, shown, standing
from api.matches.schemas import Act
from api.paging import Cursor, Limit, Listing, listing
from producers import facts
from roost import ids
from roost.errors import Conflict, FieldError, Invalid
from roost.events.common import MatchId, OpeningId, WorkerId
from roost.events.match import ActionKind, MatchAction, Role
from roost.views.elastic import Elastic, Json

router = APIRouter(prefix="/v1", tags=["matches"])
COMING_S = 1.0
BEST: list[Json] = [{"score": "desc"}]


@router.get("/openings/{id}/matches", summary="Matches of an opening, best first")
async def of_opening(
    id: OpeningId, given: Given, limit: Limit = 50, cursor: Cursor = None
) -> Listing:
    await standing(given.elastic, "openings", id, "opening", "岗位")
    wanted: list[Json] = [{"term": {"opening_id": id}}, {"term": {"active": True}}]
    return await listing(given.elastic, "matches", wanted, BEST, limit, cursor)


@router.get("/profiles/{id}/matches", summary="Matches of a worker, best first")
async def of_worker(
    id: WorkerId, given: Given, limit: Limit = 50, cursor: Cursor = None
) -> Listing:
    await standing(given.elastic, "profiles", id, "worker", "人员")
    wanted: list[Json] = [{"term": {"worker_id": id}}, {"term": {"active": True}}]
    return await listing(given.elastic, "matches", wanted, BEST, limit, cursor)


@router.get("/matches/{id}", summary="Read a match with its reasons and history")
async def read(id: MatchId, given: Given) -> dict[str, Any]:
    return shown(await standing(given.elastic, "matches", id, "match", "匹配"))


@router.post("/matches/{id}/{kind}", status_code=202, summary="Claim, contact, refer, place …")
async def act(
    id: MatchId,
    kind: ActionKind,
    body: Annotated[Act, Body(examples=[{"actor": {"role": "clerk", "id": "li"}}])],
    given: Given,
    wait: Wait,
    response: Response,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> dict[str, Any]:
    """Tells the queue stage, which alone decides; with `Prefer: wait=N` its decision comes back.

    The same key, or without one the same person doing the same to the same revision, is one action.
    """
    if kind is ActionKind.DECLINE and body.reason is None:
        raise Invalid(
            "reason: say why it is declined",
            "reason：请说明谢绝原因",
            fields=(FieldError("reason", "say why it is declined", "请说明谢绝原因"),),
        )
    document = await _standing_or_coming(given.elastic, id)
    _check_claim(document, body)
    action_id = ids.derive(
        "a", id, kind, body.actor.id, idempotency_key or str(document["revision"])
    )
    action = MatchAction(
        id=action_id,
        match_id=id,
        kind=kind,
        actor=body.actor,
        at=given.clock.now(),
        reason=body.reason,
    )
    await given.publisher.apublish(facts.match_action_taken(action))
    response.headers["location"] = f"/v1/matches/{id}"
    judged = await _judged(given.elastic, id, action_id, wait) if wait else None
    if judged is None:
        return {"id": id, "action": action_id, "self": f"/v1/matches/{id}"}
    entry = next(each for each in judged["fact"]["history"] if each["actionId"] == action_id)
    if entry["outcome"] == "refused":
        raise Conflict(f"{kind}: {entry['why']}", f"操作未被接受：{entry['why']}")
    response.status_code = 200
    return shown(judged)


async def _standing_or_coming(elastic: Elastic, id: str) -> Json:
    """A live event can be a moment ahead of the view; only what stays away is not found."""
    with suppress(TimeoutError):
        async with asyncio.timeout(COMING_S):
            await poll(elastic, "matches", id, lambda document: document is not None)
    return await standing(elastic, "matches", id, "match", "匹配")


def _check_claim(document: Json, body: Act) -> None:
    """A clear answer at once when another clerk has it; the queue stage has the last word."""
    holder = document.get("assigned_to")
    if holder and body.actor.role is Role.CLERK and holder != body.actor.id:
        raise Conflict(f"The match is claimed by {holder}.", f"该匹配已由 {holder} 认领。")


async def _judged(elastic: Elastic, id: str, action_id: str, wait_s: float) -> Json | None:
    def there(document: Json | None) -> bool:
        history = (document or {}).get("fact", {}).get("history", [])
        return any(entry["actionId"] == action_id for entry in history)

    try:
        async with asyncio.timeout(wait_s):
            return await poll(elastic, "matches", id, there)
    except TimeoutError:
        return None
