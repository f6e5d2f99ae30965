"""Use cases of a day's work: what is due for a clerk, the load of colleagues, and its transfer.

A transfer publishes one assignment for each match, through the same use case as a batch of actions:
each is authorised, decided and audited by itself.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta

from api.access import belonging, policy
from api.access.policy import Forbidden, is_chief
from api.access.principal import Principal
from api.lists.paging import bool_of
from api.matches.batches import Taken, act_on_matches
from api.matches.match_answers import match_answers
from api.matches.schemas import Act, BatchedAction
from api.ports.services import Services
from api.stations.queue_query import ME, NOBODY, due_clause, held_by
from api.stations.service import check_queue, list_colleagues
from api.today.agenda_query import (
    ACTIVE,
    Day,
    agenda_counts,
    calls_due,
    counted,
    interviews_ahead,
    load_aggregations,
    loads_of,
    unclaimed_of,
)
from api.today.schemas import DayCounts, DaysWork, DoneFigures, Whose, Workload
from roost.errors import invalid_field
from roost.events.account import AccountRole, Permission
from roost.events.match import ActionKind
from roost.time.clock import day_of
from roost.time.county_days import day_begins
from roost.time.urgency import Urgency
from roost.topics import MATCHES
from roost.views.elastic import Json, Page

MOST_CALLS = 100
MOST_INTERVIEWS = 200
MOST_MOVED = 100
"""Matches that one transfer moves, as many as a batch has actions."""


@dataclass(frozen=True, slots=True)
class Agenda:
    """A day's work as documents of the view."""

    day: date
    counts: DayCounts
    today: DoneFigures
    week: DoneFigures
    calls: list[Json]
    interviews: list[Json]


async def read_agenda(given: Services, who: Principal, whose: Whose) -> Agenda:
    """Return the work of the present day, within the caller's reach."""
    reach = belonging.matches_within_reach(who, Permission.MATCHES_READ)
    held = [held_by(ME, who.id)] if whose is Whose.MINE else []
    day = present_day(given)
    (_, answered), (calls, interviews) = await asyncio.gather(
        given.elastic.aggregate(MATCHES.name, bool_of(reach), agenda_counts(held, day)),
        given.elastic.msearch(
            [
                _search([*reach, *calls_due(held, day)], "call_again_at", MOST_CALLS),
                _search([*reach, *interviews_ahead(held, day)], "interview_at", MOST_INTERVIEWS),
            ]
        ),
    )
    counts, today, week = counted(answered)
    return Agenda(
        day_of(day.now, given.settings.zone), counts, today, week, _of(calls), _of(interviews)
    )


async def read_days_work(given: Services, who: Principal, whose: Whose) -> DaysWork:
    """Return the work of the present day as an answer."""
    found = await read_agenda(given, who, whose)
    return DaysWork(
        day=found.day,
        time_zone=given.settings.zone.key,
        whose=whose,
        counts=found.counts,
        today=found.today,
        week=found.week,
        calls=await match_answers(given, who, found.calls),
        interviews=await match_answers(given, who, found.interviews),
    )


async def interviews_of(given: Services, who: Principal) -> list[Json]:
    """Return the documents of the caller's own interviews of the next two weeks."""
    reach = belonging.matches_within_reach(who, Permission.MATCHES_READ)
    own = interviews_ahead([held_by(ME, who.id)], present_day(given))
    search = _search([*reach, *own], "interview_at", MOST_INTERVIEWS)
    return _of(await given.elastic.search(*search))


async def read_workload(given: Services, who: Principal, station_id: str) -> Workload:
    """Return the load of each colleague at a station. Raises Forbidden and NotFound."""
    _check_chief(who)
    await check_queue(given, who, station_id)
    at_station = bool_of([{"term": {"station_id": station_id}}])
    colleagues, (_, answered) = await asyncio.gather(
        list_colleagues(given, who, station_id),
        given.elastic.aggregate(MATCHES.name, at_station, load_aggregations(present_day(given))),
    )
    names = {
        each.id: each.name for each in colleagues.items if each.role is not AccountRole.ASSOCIATION
    }
    loads = [
        each if each.name else each.model_copy(update={"name": _known_name(given, each.id)})
        for each in loads_of(answered, names)
    ]
    return Workload(station=station_id, unclaimed=unclaimed_of(answered), items=loads)


async def transfer(
    given: Services,
    who: Principal,
    station_id: str,
    *,
    holder: str,
    to: str,
    most: int,
    overdue: bool = False,
    seed: str | None = None,
) -> list[tuple[BatchedAction, Taken]]:
    """Assign a holder's active matches at a station to a colleague, the most urgent first.

    `holder` and `to` may be `nobody`: unclaimed matches, or a release. Returns each action with its
    outcome. Raises Forbidden, NotFound, and Invalid for two names of one person.
    """
    _check_chief(who)
    await check_queue(given, who, station_id)
    if holder == to:
        raise invalid_field("to", "choose somebody else", "请选择另一位工作人员")
    clauses: list[Json] = [{"term": {"station_id": station_id}}, ACTIVE, held_by(holder, who.id)]
    if overdue:
        clauses.append(due_clause(Urgency.OVERDUE, given.clock.now()))
    view, body = _search(clauses, "urgent_at", min(most, MOST_MOVED))
    page = await given.elastic.search(view, body)
    kind = ActionKind.RELEASE if to == NOBODY else ActionKind.ASSIGN
    details = Act() if to == NOBODY else Act(assignee=to)
    items = [
        BatchedAction(match_id=hit.source["id"], kind=kind, details=details) for hit in page.hits
    ]
    if not items:
        return []
    return list(zip(items, await act_on_matches(given, who, items, seed=seed), strict=True))


def present_day(given: Services) -> Day:
    """Return the present day of the county."""
    now, zone = given.clock.now(), given.settings.zone
    today = day_of(now, zone)
    return Day(now, day_begins(today, zone), day_begins(today + timedelta(days=1), zone))


def may_transfer(who: Principal) -> bool:
    """Return whether a caller sees the load of colleagues and moves their matches."""
    return is_chief(who) and policy.may(who, Permission.MATCHES_ASSIGN)


def _check_chief(who: Principal) -> None:
    if not may_transfer(who):
        raise Forbidden(
            "The workload of colleagues is for chiefs; ask yours.",
            "同事的工作量仅限站长查看，请联系站长。",
        )


def _known_name(given: Services, id: str) -> str | None:
    account = given.identities.accounts.get(id)
    return account.name if account else None


def _search(clauses: list[Json], by: str, size: int) -> tuple[str, Json]:
    sort: list[Json] = [{by: {"order": "asc", "missing": "_last"}}, {"id": "asc"}]
    body: Json = {"size": size, "sort": sort, "track_total_hits": False, "query": bool_of(clauses)}
    return MATCHES.name, body


def _of(page: Page) -> list[Json]:
    return [hit.source for hit in page.hits]
