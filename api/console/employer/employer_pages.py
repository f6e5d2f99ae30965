"""Page of an employer for staff: contacts, openings and what came of them, counted."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.employer.opening_counts import STEPS, counted, total
from api.console.shell.rendering import page
from api.employers import service as employers
from api.lists.documents import not_found
from api.openings import service as openings
from api.openings.opening_query import OpeningFilter
from api.ports.services import Given
from roost.events.account import EmployerId, Permission

router = APIRouter(prefix="/console/employers/{id}", include_in_schema=False)
Reads = Annotated[Principal, allow(Permission.EMPLOYERS_READ)]
MOST = 200
"""Newest openings of an employer that the page shows and counts."""


@router.get("")
async def show_employer(id: EmployerId, request: Request, who: Reads, given: Given) -> Response:
    """Show the contacts as the caller may see them, and the openings within reach with counts.

    Raises NotFound for an employer out of reach, and for one without openings and contacts.
    """
    contact = await employers.shown_contact(given, who, id)
    found = await openings.list_openings(given, who, OpeningFilter(employer=id), limit=MOST)
    if contact is None and not found.items:
        raise not_found("employer", "用工单位", id)
    rows = await counted(given, found.items) if found.items else []
    return page(
        request,
        "employer/employer.html",
        employer_id=id,
        name=rows[0].opening["hiringOrganization"]["name"] if rows else id,
        contact=contact,
        rows=rows,
        steps=list(STEPS),
        sums=total(rows),
        more=found.next is not None,
    )
