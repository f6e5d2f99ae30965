"""Use cases of openings: list, read, post, replace, edit, set the status, count the reach.

Endpoints, console pages and imports call these functions; every write is authorised here, against
the stored opening and against the opening after the write.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from api.access import belonging, policy
from api.access.nearby_places import context_for
from api.access.principal import Principal
from api.guards.conditional import ANYTHING, Expected
from api.lists.paging import Listing, listing
from api.lists.sparse import Fields
from api.lists.totals import with_total
from api.matches.responsible import responsible_for_opening
from api.matches.schemas import Responsible
from api.openings.day_of_opening import day_of_opening
from api.openings.moderation import decider_of
from api.openings.opening_query import OpeningFilter, opening_clauses
from api.openings.opening_writes import Edited, check_ends, writable_by, write_existing
from api.openings.posting_rules import (
    PostingRules,
    check_employer_of,
    out_of_reach,
    reserve_place,
    rules_for,
    rules_for_import,
)
from api.openings.reach import reach_from, reach_query, rounded_demands
from api.openings.reach_budget import check_reach_budget
from api.openings.schemas import STATUS_CHANGES, Reach, Suggestion, Suggestions, Verb
from api.openings.waiting import Waiting, waiting_for
from api.ports.latest_writes import CurrentFact
from api.ports.services import Services
from api.writes.editing import OPENING
from api.writes.ending import count_in_progress
from api.writes.off_loop import off_loop
from api.writes.patching import patched
from api.writes.publishing import Written, write_fact
from producers import facts, opening_decisions
from producers.lawful import text_length
from roost.constraints import constraint_clauses
from roost.constraints.needs import needs_of
from roost.errors import NotFound, conflicting_field
from roost.events.account import AccountRole, Permission
from roost.events.envelope import Record
from roost.events.match import MatchState
from roost.events.opening import Opening, OpeningContent, OpeningStatus
from roost.extraction.unstated import unstated_requirements
from roost.places.gazetteer import gazetteer
from roost.places.resolutions import PlaceContext
from roost.rules.rounded_counts import FEW
from roost.time.clock import is_late
from roost.topics import MATCHES, PROFILES
from roost.views.elastic import COLUMNS, Json

EXPLAINED_WORKERS = 500
"""Most workers within reach whose day is looked at to explain a wait."""
NEWEST: list[Json] = [{"created_at": "desc"}]
"""Order of lists, by a time that edits keep: a page skips and repeats no edited entry."""


async def list_openings(
    given: Services,
    who: Principal,
    wanted: OpeningFilter,
    *,
    limit: int,
    cursor: str | None = None,
    fields: Fields = None,
    total: bool = False,
) -> Listing:
    """Return a page of the openings within the caller's reach, newest first."""
    within = await belonging.openings_within_reach(given, who, Permission.OPENINGS_READ)
    filters = [*within, *opening_clauses(who, wanted, given.settings.zone)]
    found = await listing(
        given, who.id, "openings", filters, NEWEST, limit, cursor, fields, asked=wanted
    )
    return await with_total(given, who.role, "openings", filters, found, total)


async def find_opening(given: Services, who: Principal, id: str) -> Json:
    """Return an opening's document. Raises NotFound if the caller may not read it."""
    return await belonging.opening(given, who, Permission.OPENINGS_READ, id)


async def find_responsible(given: Services, who: Principal, id: str) -> Responsible:
    """Return the station responsible for an opening that the caller may read. Raises NotFound."""
    document = await find_opening(given, who, id)
    found = await responsible_for_opening(given, document)
    if found is None:
        raise NotFound("No station serves this workplace.", "没有服务站负责该工作地点。")
    return Responsible.from_stored(found)


async def post_opening(
    given: Services, who: Principal, content: OpeningContent, *, confirmed: int = 0
) -> Written:
    """Post an opening; one with the same employer and reference is edited.

    An edited opening keeps its status, source and dates of posting: a closed one stays closed until
    it is reopened. A repeat without a change publishes nothing. A new employer's opening waits for
    approval (`posting_rules`).

    Raises Invalid, Unlawful, Forbidden for another employer's opening or a place the caller does
    not serve, Conflict if the reference belongs to a stored opening the caller may not change,
    QuotaReached, and EndsProgress if an edit ends more matches in progress than `confirmed`.
    """
    rules = await rules_for(given, who, await writable_by(given, who))
    id, length = facts.opening_id_of(content, facts.SOURCE), text_length(content)
    context = await context_for(given, who, (content.job_location.name,))
    records: list[Record] = []

    async def authorise(current: CurrentFact) -> None:
        stored = facts.readable_opening(current.fact)
        opening, record = await off_loop(lambda: _posted(given, content, stored, context), length)
        rules.check(current.fact, opening)
        if stored is None:
            await check_employer_of(given, opening.hiring_organization.id)
            await reserve_place(given, who, rules, id)
        else:
            await check_ends(given, who, stored, opening, confirmed)
        records.append(rules.complete(current.fact, opening, record, given.clock.now()))

    async def derive(current: CurrentFact) -> Record:
        return records[0]

    return await write_fact(given, OPENING, id, authorise, derive)


async def import_rules(given: Services, who: Principal, *, dry_run: bool) -> PostingRules:
    """Return the rules for the rows of an import, which runs in a thread."""
    return await rules_for_import(given, who, await writable_by(given, who), dry_run=dry_run)


async def replace_opening(
    given: Services,
    who: Principal,
    id: str,
    content: OpeningContent,
    expected: Expected = ANYTHING,
    *,
    confirmed: int = 0,
) -> Written:
    """Replace an opening's content; its status stays.

    Raises NotFound, PreconditionFailed, Invalid, Unlawful, Forbidden, Conflict if it would become
    another employer's, and EndsProgress if its last day passes, or its demands exclude people, with
    more matches in progress than `confirmed`.
    """
    context = await context_for(given, who, (content.job_location.name,))

    def change(stored: Opening) -> Edited:
        return _edited(given, stored, content, context)

    return await write_existing(given, who, id, change, expected, confirmed=confirmed)


async def patch_opening(
    given: Services,
    who: Principal,
    id: str,
    changes: dict[str, Any],
    expected: Expected = ANYTHING,
    *,
    confirmed: int = 0,
) -> Written:
    """Apply a JSON Merge Patch (RFC 7396) to an opening. Raises as `replace_opening` does."""
    place = changes.get("jobLocation")
    named = place.get("name") if isinstance(place, dict) else None
    context = await context_for(given, who, (named,) if isinstance(named, str) else ())

    def change(stored: Opening) -> Edited:
        content = patched(OpeningContent, stored, changes)
        return _edited(given, stored, content, context)

    return await write_existing(given, who, id, change, expected, confirmed=confirmed)


async def set_opening_status(
    given: Services,
    who: Principal,
    id: str,
    verb: Verb,
    expected: Expected = ANYTHING,
    *,
    confirmed: int = 0,
) -> Written:
    """Close, pause, fill or reopen an opening; a pause keeps its matches (ADR 68).

    Closed by somebody who may approve it while it waits for approval, it is refused.

    Raises NotFound, PreconditionFailed, QuotaReached for one opening too many, and EndsProgress if
    it would end with more people in progress than `confirmed`.
    """
    decides = policy.may(who, Permission.OPENINGS_APPROVE)

    def change(stored: Opening) -> Edited:
        status = STATUS_CHANGES[verb].status
        if decides and verb is Verb.CLOSE and _is_pending(stored):
            return opening_decisions.opening_refused(
                stored, at=given.clock.now(), decider=decider_of(who)
            )
        return facts.opening_status_set(stored, status, at=given.clock.now())

    return await write_existing(
        given, who, id, change, expected, confirmed=confirmed, reopens=verb is Verb.REOPEN
    )


async def people_in_progress(given: Services, who: Principal, id: str) -> int:
    """Return how many people are in progress for an opening. Raises NotFound."""
    await find_opening(given, who, id)
    return await count_in_progress(given, "opening_id", id)


def _is_pending(stored: Opening) -> bool:
    """Return whether a decision on the opening is due."""
    return stored.waits_for_approval and stored.status is not OpeningStatus.CLOSED


async def preview_reach(given: Services, who: Principal, content: OpeningContent) -> Reach:
    """Return how many workers an opening would reach; nothing is posted.

    The demands are those of the matcher's own search, rounded. Raises Invalid, Unlawful and
    Forbidden as `post_opening` does, and PreviewsSpent.
    """
    day = given.today
    context = await context_for(given, who, (content.job_location.name,))
    opening, _ = await off_loop(
        lambda: _posted(given, content, context=context), text_length(content)
    )
    if not (await writable_by(given, who))(opening):
        raise out_of_reach()
    query = reach_query(rounded_demands(needs_of(content, gazetteer())), day)
    check_reach_budget(given, who, content, query)
    workers, counts = await given.elastic.aggregate(PROFILES.name, constraint_clauses.ACTIVE, query)
    return reach_from(workers, counts)


async def suggest_fields(content: OpeningContent) -> Suggestions:
    """Return suggestions for the fields of an opening, from its own text."""
    found = await off_loop(lambda: unstated_requirements(content), text_length(content))
    return Suggestions(
        items=[
            Suggestion(
                field=each.field,
                value=each.value,
                source=each.source,
                words=each.words,
                start=each.start,
                end=each.end,
            )
            for each in found
        ]
    )


async def explain_waiting(given: Services, who: Principal, id: str) -> Waiting | None:
    """Return why an open opening with free places waits for more matches; None if it does not.

    Raises NotFound if the caller may not read the opening.
    """
    document = await belonging.opening(given, who, Permission.OPENINGS_READ, id)
    opening = Opening.from_stored(document["fact"])
    capacity, now = given.settings.capacity, given.clock.now()
    if not opening.can_be_matched(given.today):
        return None
    existing, placed = await _counts_of_opening(given, id)
    if existing >= capacity.places(opening.total_job_openings, placed):
        return None
    reached = await _reached_workers(given, opening)
    day = await day_of_opening(given, opening, reached)
    return waiting_for(
        day,
        reached,
        capacity,
        late=is_late(now, given.settings.zone, given.settings.reserve_opens),
        least=FEW if who.role is AccountRole.EMPLOYER else 1,
        tomorrow=given.today + timedelta(days=1),
        reserve_opens=given.settings.matches_reserved_until,
    )


async def _counts_of_opening(given: Services, id: str) -> tuple[int, int]:
    """Return the number of active matches and of placements of an opening."""
    active, placed = await given.elastic.tallies(
        MATCHES.name,
        [
            ("opening_id", [id], {"term": {"active": True}}),
            ("opening_id", [id], {"term": {"state": MatchState.PLACED.value}}),
        ],
    )
    return active.get(id, 0), placed.get(id, 0)


async def _reached_workers(given: Services, opening: Opening) -> list[str]:
    """Return ids of workers who meet every demand and have no match with the opening.

    The demands are rounded as in the preview of the reach: edits must not single out a worker.
    """
    needs = rounded_demands(needs_of(opening, gazetteer()))
    demands = constraint_clauses.for_workers(needs, given.today)
    filters = [constraint_clauses.ACTIVE, *(each for every in demands.values() for each in every)]
    body = COLUMNS | {"docvalue_fields": ["id"], "size": EXPLAINED_WORKERS}
    page = await given.elastic.search(
        PROFILES.name, body | {"query": {"bool": {"filter": filters}}}
    )
    ids = [hit.id for hit in page.hits]
    (matched,) = await given.elastic.tallies(
        MATCHES.name, [("worker_id", ids, {"term": {"opening_id": opening.id}})]
    )
    return [id for id in ids if id not in matched]


def _posted(
    given: Services,
    content: OpeningContent,
    stored: Opening | None = None,
    context: PlaceContext | None = None,
) -> Edited:
    """Return the posted opening and its record."""
    at, today = given.clock.now(), given.today
    return facts.opening_posted(content, at=at, today=today, stored=stored, context=context)


def _edited(
    given: Services, stored: Opening, content: OpeningContent, context: PlaceContext | None
) -> Edited:
    """Return the edited opening and its record. Raises Conflict if its employer would change."""
    if content.hiring_organization.id != stored.hiring_organization.id:
        message, message_zh = "the opening belongs to another employer", "该岗位属于其他用工单位"
        raise conflicting_field("hiringOrganization.id", message, message_zh)
    return facts.opening_edited(content, stored, at=given.clock.now(), context=context)
