"""Matches across openings and stations, filtered."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from api.access import belonging
from api.access.principal import Principal
from api.access.requirements import allow
from api.lists import clauses
from api.lists.paging import Cursor, Limit, Listing, page
from api.lists.sparse import only
from api.matches.seen import Chosen, seen_all
from api.ports.services import Given
from roost.events.account import Permission
from roost.events.common import OpeningId, StationId, WorkerId
from roost.events.match import MatchState
from roost.views.elastic import Json

router = APIRouter(prefix="/v1/matches", tags=["matches"])
Reads = Annotated[Principal, allow(Permission.MATCHES_READ)]
NEWEST: list[Json] = [{"changed_at": "desc"}]


@router.get("", summary="List matches, last changed first")
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
) -> Listing:
    """Those within reach; a filter that is not given filters nothing."""
    filters = [
        *belonging.matches_within_reach(who, Permission.MATCHES_READ),
        *clauses.one_of("state", state),
        *clauses.equal("station_id", station),
        *clauses.equal("opening_id", opening),
        *clauses.equal("worker_id", worker),
        *clauses.between("changed_at", changed_from, changed_to),
    ]
    documents, following = await page(given.elastic, "matches", filters, NEWEST, limit, cursor)
    items = [only(each, fields) for each in await seen_all(given, who, documents)]
    return Listing(items=items, next=following)
