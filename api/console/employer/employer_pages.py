"""Page of an employer for staff: contacts, openings and what came of them, counted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.employer.opening_counts import STEPS, counted, counts_all, total
from api.console.notes.section import Section, notes_section
from api.console.shell.rendering import page
from api.console.timelines.timeline import (
    TimelinePage,
    change_events,
    day_events,
    newest_first,
    note_events,
    page_of_events,
    posting_events,
)
from api.employers import service as employers
from api.history.changes import changes_of_employer
from api.lists.documents import not_found
from api.matches import service as matches
from api.openings import service as openings
from api.openings.opening_query import OpeningFilter
from api.ports.services import Given, Services
from roost.events.account import EmployerId, Permission
from roost.events.note import NoteAbout
from roost.views.elastic import Json

router = APIRouter(prefix="/console/employers/{id}", include_in_schema=False)
Reads = Annotated[Principal, allow(Permission.EMPLOYERS_READ)]
MOST = 200
"""Newest openings of an employer that the page shows and counts."""


@router.get("")
async def show_employer(
    id: EmployerId,
    request: Request,
    who: Reads,
    given: Given,
    number: Annotated[int, Query(alias="page", ge=1, le=1_000)] = 1,
) -> Response:
    """Show the contacts as the caller may see them, and the openings within reach with counts.

    Raises NotFound for an employer out of reach, and for one without openings and contacts.
    """
    contact = await employers.shown_contact(given, who, id)
    found = await openings.list_openings(given, who, OpeningFilter(employer=id), limit=MOST)
    if contact is None and not found.items:
        raise not_found("employer", "用工单位", id)
    rows = await counted(given, who, found.items) if found.items else []
    notes = await notes_section(given, who, NoteAbout.EMPLOYER, id)
    return page(
        request,
        "employer/employer.html",
        employer_id=id,
        name=rows[0].opening["hiringOrganization"]["name"] if rows else id,
        contact=contact,
        rows=rows,
        counts_all=counts_all(who),
        steps=list(STEPS),
        sums=total(rows),
        more=found.next is not None,
        history=await timeline_of(given, who, id, found.items, number, notes),
        notes=notes,
    )


async def timeline_of(
    given: Services,
    who: Principal,
    id: str,
    found: Sequence[Json],
    number: int,
    notes: Section | None,
) -> TimelinePage:
    """Return a page of an employer's timeline: changes, notes and new matches."""
    titles = {each["id"]: each["title"] for each in found}
    changes, days = await asyncio.gather(
        changes_of_employer(given, who, id, limit=MOST), matches.count_by_day(given, who, [*titles])
    )
    events = newest_first(
        day_events(days),
        change_events(changes, titles),
        posting_events(found, changes, titles),
        note_events(notes.items if notes else ()),
    )
    return page_of_events(events, number, cut=len(changes) == MOST or len(found) == MOST)
