"""Endpoint of the search for workers, employers and openings."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.access.principal import Principal
from api.access.requirements import allow
from api.ports.services import Given
from api.search import service
from api.search.schemas import Kind, SearchAnswer
from roost.events.account import Permission

router = APIRouter(prefix="/v1/search", tags=["search"])
Reads = Annotated[Principal, allow(Permission.OPENINGS_READ)]


@router.get("", summary="Find workers, employers and openings")
async def search(
    who: Reads,
    given: Given,
    q: Annotated[
        str,
        Query(
            min_length=1,
            max_length=service.MOST_TYPED,
            description="name or title or a part of one, in characters, pinyin or its initials; "
            "telephone number or at least four digits of one; number or reference, or the "
            "beginning of one",
            openapi_examples={"pinyin": {"value": "zhang xm"}, "digits": {"value": "8000"}},
        ),
    ],
    kinds: Annotated[
        list[Kind] | None, Query(max_length=3, description="only these kinds; all if left out")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=50, description="entries of each kind")] = 10,
) -> SearchAnswer:
    """Return the best entries of each kind that the caller may read, with the reason for each.

    Exact numbers come first, then names that begin with the text, then pinyin, then parts. A kind
    that the caller may not read is null. Every worker in the answer is recorded in the audit log.
    """
    chosen = service.EVERY_KIND if kinds is None else frozenset(kinds)
    return await service.search(given, who, q, kinds=chosen, limit=limit)
