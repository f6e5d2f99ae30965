"""Use case of the search: find workers, employers and openings by what is typed.

Each kind is limited to the caller's reach as its own list is, and needs the same permission. The
documents are read where all reads are audited, and only as many as the answer shows, so the audit
names the workers whom it discloses. An answer holds no total: nobody learns how many entries exist
beyond their reach.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from api.access import belonging, policy
from api.access.principal import Principal
from api.ports.services import Services
from api.search.schemas import (
    FoundEmployer,
    FoundEmployers,
    FoundOpening,
    FoundOpenings,
    FoundWorker,
    FoundWorkers,
    Kind,
    SearchAnswer,
)
from api.search.search_query import (
    employer_ways,
    opening_ways,
    reason_of,
    search_body,
    worker_ways,
)
from roost.errors import invalid_field
from roost.events.account import Permission
from roost.events.profile import ProfileStatus
from roost.text.references import shown_reference
from roost.topics import OPENINGS, PROFILES
from roost.views.answers import Hit
from roost.views.elastic import Json

PERMISSIONS = {
    Kind.WORKERS: Permission.PROFILES_READ,
    Kind.EMPLOYERS: Permission.OPENINGS_READ,
    Kind.OPENINGS: Permission.OPENINGS_READ,
}
"""Permission to read each kind; employers are known from the openings that a caller may read."""
EVERY_KIND = frozenset(Kind)
STAFF = frozenset({policy.Reach.ALL, policy.Reach.STATIONS})


def may_search(who: Principal) -> bool:
    """Return whether the search is for a caller: staff, who read more than their own entries."""
    may = policy.may(who, Permission.OPENINGS_READ)
    return may and policy.reach(who, Permission.OPENINGS_READ) in STAFF


def check_may_search(who: Principal) -> None:
    """Raise Forbidden for a caller who is not staff."""
    policy.reach(who, Permission.OPENINGS_READ)
    if not may_search(who):
        raise policy.Forbidden(
            "The search is for the staff of public services; use the lists of your entries.",
            "查找功能仅供工作人员使用，请在列表中查看您的内容。",
        )


async def search(
    given: Services,
    who: Principal,
    typed: str,
    *,
    kinds: Collection[Kind] = EVERY_KIND,
    limit: int,
) -> SearchAnswer:
    """Return the best entries of each kind within the caller's reach.

    A kind that the caller may not read is null. Raises Forbidden for callers who are not staff,
    and Invalid for a text without characters.
    """
    check_may_search(who)
    text = shown_reference(typed)
    if not text:
        raise invalid_field("q", "is empty; type a name, number or title", "请输入姓名、编号或岗位")
    wanted = [each for each in Kind if each in kinds and policy.may(who, PERMISSIONS[each])]
    bodies = [await _search_of(given, who, each, text, limit) for each in wanted]
    pages = await given.elastic.msearch(bodies)
    found = {kind: page.hits for kind, page in zip(wanted, pages, strict=True)}
    return SearchAnswer(
        workers=_workers(given, found.get(Kind.WORKERS), limit),
        employers=_employers(found.get(Kind.EMPLOYERS), limit),
        openings=_openings(found.get(Kind.OPENINGS), limit),
    )


async def _search_of(
    given: Services, who: Principal, kind: Kind, text: str, limit: int
) -> tuple[str, Json]:
    """Return the search for a kind: its view and its body, for one entry more than the limit."""
    if kind is Kind.WORKERS:
        within = await belonging.profiles_within_reach(given, who, PERMISSIONS[kind])
        return PROFILES.name, search_body(within, worker_ways(text), limit)
    within = await belonging.openings_within_reach(given, who, PERMISSIONS[kind])
    if kind is Kind.OPENINGS:
        return OPENINGS.name, search_body(within, opening_ways(text), limit + 1)
    body = search_body(within, employer_ways(text), limit + 1)
    return OPENINGS.name, body | {"collapse": {"field": "employer_id"}}


def _workers(given: Services, hits: Sequence[Hit] | None, limit: int) -> FoundWorkers | None:
    """Return the workers found; `more` if the page is full, as no further worker is read."""
    if hits is None:
        return None
    current = [each for each in hits if not given.latest.is_erased(PROFILES.name, each.id)]
    return FoundWorkers(items=[_worker(each) for each in current], more=len(hits) == limit)


def _worker(hit: Hit) -> FoundWorker:
    fact = hit.source["fact"]
    return FoundWorker(
        id=hit.id,
        name=fact["name"],
        identifier=fact.get("identifier"),
        home=fact["home"]["name"],
        location=fact["location"]["name"],
        status=fact.get("status", ProfileStatus.ACTIVE),
        found_by=reason_of(hit)[0],
    )


def _employers(hits: Sequence[Hit] | None, limit: int) -> FoundEmployers | None:
    if hits is None:
        return None
    items = [
        FoundEmployer(
            id=hit.source["fact"]["hiringOrganization"]["id"],
            name=hit.source["fact"]["hiringOrganization"]["name"],
            found_by=reason_of(hit)[0],
        )
        for hit in hits[:limit]
    ]
    return FoundEmployers(items=items, more=len(hits) > limit)


def _openings(hits: Sequence[Hit] | None, limit: int) -> FoundOpenings | None:
    if hits is None:
        return None
    items = [_opening(hit) for hit in hits[:limit]]
    return FoundOpenings(items=items, more=len(hits) > limit)


def _opening(hit: Hit) -> FoundOpening:
    fact = hit.source["fact"]
    reason, of_employer = reason_of(hit)
    return FoundOpening(
        id=hit.id,
        title=fact["title"],
        employer_id=fact["hiringOrganization"]["id"],
        employer=fact["hiringOrganization"]["name"],
        place=fact["jobLocation"]["name"],
        status=fact["status"],
        of_employer=of_employer,
        found_by=reason,
    )
