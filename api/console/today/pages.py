"""Pages of a clerk's day and of the load of a station's colleagues."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.access.principal import Principal
from api.access.requirements import allow
from api.candidate_requests.service import list_waiting
from api.console.admin.admin_forms import named
from api.console.conversations.waiting_replies import shown_count
from api.console.queue.queue_rows import QueueRow, rows_of
from api.console.shell.form_answers import read_form, refilled_form
from api.console.shell.form_layout import TICKED, Layout, Typed
from api.console.shell.forms import Form
from api.console.shell.rendering import page, spoken
from api.console.shell.translations import say_in
from api.matches.batches import Taken, audited_items
from api.matches.schemas import BatchedAction
from api.ports.services import Given, Services
from api.stations.queue_query import NOBODY
from api.stations.service import stations_within
from api.today import service
from api.today.calendar_links import calendar_address
from api.today.schemas import Whose
from roost.errors import Invalid, NotFound, invalid_field
from roost.events.account import Permission
from roost.events.match import Match
from roost.time.clock import day_of

router = APIRouter(prefix="/console/today", include_in_schema=False)
Clerk = Annotated[Principal, allow(Permission.MATCHES_ASSIGN)]
WORKLOAD = "/console/today/workload"
USUAL_MOST = 20
"""Number of matches that the form of a transfer proposes."""
MOST_REQUESTS = 50
"""Requests for candidates that the page lists."""
LAYOUT = Layout(texts=("station", "holder", "to", "most"), ticks=("overdue",))


@dataclass(frozen=True, slots=True)
class DayOfInterviews:
    """The interviews of one day of the county."""

    day: date
    rows: list[QueueRow]


@router.get("")
async def show_today(
    request: Request, given: Given, who: Clerk, whose: Whose = Whose.MINE
) -> Response:
    """Show the calls and interviews that are due, and figures that lead to their lists."""
    agenda, replies, requests = await asyncio.gather(
        service.read_agenda(given, who, whose),
        shown_count(given, who),
        list_waiting(given, who, limit=MOST_REQUESTS),
    )
    matches = [Match.from_stored(each["fact"]) for each in (*agenda.calls, *agenda.interviews)]
    rows = await rows_of(given, who, matches)
    return page(
        request,
        "today/page.html",
        agenda=agenda,
        whose=whose.value,
        calls=rows[: len(agenda.calls)],
        days=by_day(rows[len(agenda.calls) :], given),
        replies=replies,
        requests=requests.items,
        calendar=calendar_address(given, who),
        transfers=service.may_transfer(who),
    )


def by_day(rows: list[QueueRow], given: Services) -> list[DayOfInterviews]:
    """Return rows, which are sorted by the time of their interview, by day."""
    zone = given.settings.zone

    def day(row: QueueRow) -> date:
        assert row.match.interview_at is not None
        return day_of(row.match.interview_at, zone)

    return [DayOfInterviews(each, list(found)) for each, found in groupby(rows, day)]


@router.get("/workload")
async def show_workload(
    request: Request,
    given: Given,
    who: Clerk,
    station: Annotated[str, Query(max_length=64)] = "",
    moved: Annotated[int | None, Query(ge=0, le=service.MOST_MOVED)] = None,
    refused: Annotated[int, Query(ge=0, le=service.MOST_MOVED)] = 0,
) -> Response:
    """Show the load of each colleague at a station, and the form that moves matches."""
    form = Form({"most": USUAL_MOST}, {})
    return await _workload(request, given, who, station, form, moved=moved, refused=refused)


@router.post("/workload")
async def transfer(request: Request, given: Given, who: Clerk) -> Response:
    """Move matches from one colleague to another, the most urgent first."""
    typed = await read_form(request, LAYOUT)
    try:
        outcomes = await _transferred(given, who, typed)
    except Invalid as error:
        form = refilled_form(request, LAYOUT, typed, error)
        return await _workload(request, given, who, typed["station"], form, status=422)
    items, taken = [each[0] for each in outcomes], [each[1] for each in outcomes]
    request.state.audited_items = audited_items(items, taken)
    refused = sum(each.error is not None for each in taken)
    query = {"station": typed["station"], "moved": len(taken) - refused, "refused": refused}
    return RedirectResponse(f"{WORKLOAD}?{urlencode(query)}", 303)


async def _transferred(
    given: Services, who: Principal, typed: Typed
) -> list[tuple[BatchedAction, Taken]]:
    """Transfer as a form says; return each action with its outcome. Raises Invalid."""
    most = typed["most"]
    if not (most.isascii() and most.isdigit() and 1 <= int(most) <= service.MOST_MOVED):
        raise invalid_field(
            "most",
            f"give a number from 1 to {service.MOST_MOVED}",
            f"请填写 1 至 {service.MOST_MOVED} 的数字",
        )
    for name in ("holder", "to"):
        if not typed[name]:
            raise invalid_field(name, "choose one", "请选择")
    return await service.transfer(
        given,
        who,
        typed["station"],
        holder=typed["holder"],
        to=typed["to"],
        most=int(most),
        overdue=typed["overdue"] == TICKED,
    )


async def _workload(
    request: Request,
    given: Services,
    who: Principal,
    station: str,
    form: Form,
    *,
    status: int = 200,
    **said: Any,
) -> Response:
    stations = named(await stations_within(given, who, Permission.MATCHES_READ))
    chosen = station or next(
        (id for id, _ in stations if id in who.station_ids),
        stations[0][0] if stations else "",
    )
    if not chosen:
        raise NotFound("There is no station yet.", "尚无服务站。")
    workload = await service.read_workload(given, who, chosen)
    say = say_in(spoken(request))
    nobody = (NOBODY, say("queue.whose.nobody"))
    gone = say("today.workload.gone")
    holders = [(each.id, f"{each.name or gone} ({each.active})") for each in workload.items]
    return page(
        request,
        "today/workload.html",
        status=status,
        workload=workload,
        stations=stations,
        holders=[nobody, *holders],
        takers=[nobody, *((each.id, each.name) for each in workload.items if each.name)],
        form=form,
        most=service.MOST_MOVED,
        **{"moved": None, "refused": 0} | said,
    )
