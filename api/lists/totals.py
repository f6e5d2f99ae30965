"""Totals of lists on request: counted up to a bound, and rounded down for employers.

Lists of one's own entries, of the audit and of public openings have exact totals.
An employer who filters a list must not single out a worker by an exact count, so its counts are
rounded like the preview of an opening's reach.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import Field

from api.lists.paging import Listing, bool_of
from api.ports.services import Services
from roost.events.account import AccountRole
from roost.rules.rounded_counts import bucket
from roost.views.elastic import Json

MOST_COUNTED = 10_000
"""A longer list has this total."""
TotalField = Annotated[
    int | None,
    Field(
        ge=0,
        description="number of entries of all pages; only with `total=true`",
        exclude_if=lambda total: total is None,
    ),
]
"""Field of a page with the number of entries."""
Total = Annotated[
    bool,
    Query(
        description=f"add `total`, the number of entries of all pages: at most {MOST_COUNTED}; for "
        "employers rounded down, 0 below 5"
    ),
]


async def with_total(
    given: Services, role: AccountRole, view: str, filters: list[Json], found: Listing, total: bool
) -> Listing:
    """Return the page with the number of entries that meet the filters, if it was asked for."""
    if not total:
        return found
    number = await count_up_to_bound(given, view, filters)
    shown = bucket(number) if role is AccountRole.EMPLOYER else number
    return found.model_copy(update={"total": shown})


async def exact_total(
    given: Services, view: str, filters: list[Json], *, total: bool
) -> int | None:
    """Return the number of entries, if it was asked for; for lists that reveal no other person."""
    return await count_up_to_bound(given, view, filters) if total else None


async def count_up_to_bound(given: Services, view: str, filters: list[Json]) -> int:
    """Return the number of entries that meet the filters, at most `MOST_COUNTED`."""
    body: Json = {"size": 0, "track_total_hits": MOST_COUNTED, "query": bool_of(filters)}
    return min((await given.elastic.search(view, body)).total, MOST_COUNTED)
