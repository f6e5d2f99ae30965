"""Endpoints of a day's work and of the load of a station's colleagues."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.ports.services import Given
from api.today import calendar_file, calendar_links, service
from api.today.schemas import DaysWork, Whose, Workload
from roost.events.account import Permission
from roost.events.common import StationId

router = APIRouter(tags=["stations"])
CALENDAR: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Calendar (RFC 5545)",
        "content": {
            "text/calendar": {
                "schema": {"type": "string"},
                "example": "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n",
            }
        },
    }
}
Assigns = Annotated[Principal, allow(Permission.MATCHES_ASSIGN)]


@router.get("/v1/today", summary="Calls and interviews that are due, and figures")
async def read_today(
    given: Given,
    who: Assigns,
    whose: Annotated[
        Whose, Query(description="your own matches, or those of all your stations")
    ] = Whose.MINE,
) -> DaysWork:
    """Return the work of the present day in the county's time zone.

    It lists the workers who asked to be called by the end of the day and the interviews of the next
    two weeks, and counts what is overdue, unclaimed and done.
    """
    return await service.read_days_work(given, who, whose)


@router.get("/v1/stations/{id}/workload", summary="Load of each colleague at a station")
async def read_workload(id: StationId, given: Given, who: Assigns) -> Workload:
    """Return the active matches of each colleague, for chiefs and the association.

    Move matches with `POST /v1/matches/actions` (`assign`, `release`).
    """
    return await service.read_workload(given, who, id)


@router.get(
    f"{calendar_links.PATH}/{{token}}.ics",
    response_class=Response,
    responses=CALENDAR,
    summary="Interviews of one person, for a calendar program",
)
async def read_calendar(
    token: Annotated[str, Path(max_length=300, pattern=r"^[\w-]+$")],
    given: Given,
    request: Request,
) -> Response:
    """Return the person's interviews of the next two weeks; no entry names a worker.

    The address is secret and comes from the page *Today*. It ends with a new password. The audit
    log names its owner as the caller.
    """
    who = request.state.principal = calendar_links.owner_of_calendar(given, token)
    content = await calendar_links.calendar_of(given, who)
    headers = {"cache-control": "private, max-age=300"}
    return Response(content, media_type=calendar_file.MEDIA, headers=headers)
