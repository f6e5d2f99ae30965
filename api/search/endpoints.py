"""Endpoint of the search for workers, employers and openings."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body

from api.access.principal import Principal
from api.access.requirements import allow
from api.ports.services import Given
from api.search import service
from api.search.schemas import SearchAnswer, SearchRequest
from roost.events.account import Permission

router = APIRouter(prefix="/v1/search", tags=["search"])
Reads = Annotated[Principal, allow(Permission.OPENINGS_READ)]
EXAMPLE = {"q": "zhang xm", "kinds": ["workers"], "limit": 10}


@router.post("", summary="Find workers, employers and openings")
async def search(
    wanted: Annotated[SearchRequest, Body(examples=[EXAMPLE])], who: Reads, given: Given
) -> SearchAnswer:
    """Return the best entries of each kind that the caller may read, with the reason for each.

    For staff. It changes nothing: the text is in the body, as names and telephone numbers do not
    belong into addresses, which proxies log. Exact numbers come first, then names that begin with
    the text, then pinyin, then parts. A kind that the caller may not read is null. Every worker in
    the answer is recorded in the audit log.
    """
    chosen = service.EVERY_KIND if wanted.kinds is None else frozenset(wanted.kinds)
    return await service.search(given, who, wanted.q, kinds=chosen, limit=wanted.limit)
