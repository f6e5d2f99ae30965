"""Page of the search for workers, employers and openings.

The form sends the text in its body; the page of the results has it sealed in its address.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.search.highlighting import split_at
from api.console.shell.forms import fields_of
from api.console.shell.rendering import page
from api.console.shell.sealed_text import sealed_text, text_of
from api.ports.services import Given
from api.search import service
from api.search.schemas import MOST_TYPED
from roost.events.account import Permission
from roost.text.references import shown_reference

router = APIRouter(prefix="/console/search", include_in_schema=False)
Reads = Annotated[Principal, allow(Permission.OPENINGS_READ)]
HERE = "/console/search"
EACH, MOST = 10, 50
"""Entries of each kind at first, and after *Show more*."""


@router.post("")
async def search(request: Request, who: Reads, given: Given) -> Response:
    """Redirect to the results for the typed text, or to the empty field without one."""
    service.check_may_search(who)
    typed = shown_reference(str((await fields_of(request)).get("q") or ""))
    if not typed:
        return RedirectResponse(HERE, 303)
    sealed = sealed_text(given, who, HERE, typed[:MOST_TYPED])
    return RedirectResponse(f"{HERE}?sealed={sealed}", 303)


@router.get("")
async def show_results(
    request: Request,
    who: Reads,
    given: Given,
    sealed: Annotated[str, Query(max_length=4_000)] = "",
    every: Annotated[bool, Query(alias="all")] = False,
) -> Response:
    """Show what was found by kind, or without a text the field and advice."""
    service.check_may_search(who)
    typed = text_of(given, who, HERE, sealed) if sealed else None
    found = None
    if typed:
        found = await service.search(given, who, typed, limit=MOST if every else EACH)
    groups = [found.workers, found.employers, found.openings] if found else []
    return page(
        request,
        "search/page.html",
        typed=typed or "",
        sealed=sealed,
        expired=bool(sealed) and typed is None,
        found=found,
        nothing=found is not None and not any(each and each.items for each in groups),
        more=not every and any(each and each.more for each in groups),
        split=lambda text: split_at(text, typed or ""),
    )
