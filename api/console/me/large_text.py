"""Switch of a worker's pages to larger letters, kept with the account."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.access.local_paths import local_path
from api.access.principal import Principal
from api.access.requirements import allow
from api.console.shell.forms import fields_of
from api.me.service import choose_large_text
from api.ports.services import Given
from roost.events.account import Permission

router = APIRouter(prefix="/console/me", include_in_schema=False)
Writes = Annotated[Principal, allow(Permission.PROFILES_WRITE)]


@router.post("/large-text")
async def choose(request: Request, who: Writes, given: Given) -> Response:
    """Show the pages in larger letters, or in the usual ones."""
    sent = await fields_of(request)
    await choose_large_text(given, who, bool(sent.get("large")))
    return RedirectResponse(local_path(sent.get("next")), 303)
