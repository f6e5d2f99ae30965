"""Page of the search for workers, employers and openings."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.search.highlighting import split_at
from api.console.shell.rendering import page
from api.ports.services import Given
from api.search import service
from roost.events.account import Permission
from roost.text.references import shown_reference

router = APIRouter(prefix="/console/search", include_in_schema=False)
Reads = Annotated[Principal, allow(Permission.OPENINGS_READ)]
EACH, MOST = 10, 50
"""Entries of each kind at first, and after *Show more*."""


@router.get("")
async def show_results(
    request: Request,
    who: Reads,
    given: Given,
    q: Annotated[str, Query(max_length=300)] = "",
    every: Annotated[bool, Query(alias="all")] = False,
) -> Response:
    """Show what was found by kind, or without a text the field and advice."""
    typed = shown_reference(q)[: service.MOST_TYPED]
    found = None
    if typed:
        found = await service.search(given, who, typed, limit=MOST if every else EACH)
    groups = [found.workers, found.employers, found.openings] if found else []
    return page(
        request,
        "search/page.html",
        typed=typed,
        found=found,
        nothing=found is not None and not any(each and each.items for each in groups),
        more=not every and any(each and each.more for each in groups),
        split=lambda text: split_at(text, typed),
    )
