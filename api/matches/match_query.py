"""Filters and sort orders of the list of matches, as clauses of the view `matches`.

An employer must not learn through a filter or an order what its answers leave out: it neither
filters by station or colleague nor sorts by deadline, and its score leaves out the priority.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from api.access.policy import Reach
from api.lists import clauses
from api.lists.paging import bool_of
from api.ports.services import Services
from roost.errors import Invalid, invalid_field
from roost.events.match import MatchState
from roost.rules.interleaving import interleaved
from roost.topics import OPENINGS
from roost.views.elastic import Json

MOST_TITLES = 5_000
"""Most openings whose title may contain the words of a filter."""
BEST: list[Json] = [{"score": "desc"}]
BEST_WITHOUT_PRIORITY: list[Json] = [{"unboosted": {"order": "desc", "unmapped_type": "float"}}]
"""Order for employers: the priority of a registered household would show in any other."""


class MatchSort(StrEnum):
    """Sort orders of the list of matches; `-` is descending."""

    NEWEST = "-createdAt"
    OLDEST = "createdAt"
    BEST = "-score"
    WORST = "score"
    CHANGED_LAST = "-changedAt"
    CHANGED_FIRST = "changedAt"
    PROPOSED_LAST = "-proposedAt"
    PROPOSED_FIRST = "proposedAt"
    DUE_FIRST = "actBy"


FIELDS = {
    "createdAt": "created_at",
    "score": "score",
    "changedAt": "changed_at",
    "proposedAt": "proposed_at",
    "actBy": "act_by",
}
"""Field of the view by the name in a sort order."""
STAFF = frozenset({Reach.ALL, Reach.STATIONS})
STAFF_SORTS = frozenset({MatchSort.DUE_FIRST})


@dataclass(frozen=True, slots=True)
class MatchFilter:
    """Conditions of a list of matches; an empty one filters nothing."""

    states: Sequence[MatchState] | None = None
    station: str | None = None
    opening: str | None = None
    worker: str | None = None
    assignee: str | None = None
    """Id of an account or key, for the staff only."""
    title: str | None = None
    """Words of the opening's title."""
    changed_from: date | None = None
    changed_to: date | None = None
    """First and last day of the last change, in the county's time zone."""
    changed_since: datetime | None = None
    changed_until: datetime | None = None


def sort_for(how_far: Reach, sort: MatchSort) -> list[Json]:
    """Return the order for a caller. Raises Invalid for one that shows the staff's work."""
    if sort in STAFF_SORTS and how_far not in STAFF:
        raise _for_staff_only("sort")
    name = sort.value.removeprefix("-")
    order = "desc" if sort.value.startswith("-") else "asc"
    if name == "score" and how_far is Reach.EMPLOYER:
        return [{"unboosted": {"order": order, "unmapped_type": "float"}}]
    return [{FIELDS[name]: order}]


async def match_clauses(given: Services, how_far: Reach, wanted: MatchFilter) -> list[Json]:
    """Return the clauses of a filter.

    Raises Invalid for a filter that shows the staff's work, for a reversed period, and for a title
    of too many openings.
    """
    if wanted.assignee is not None and how_far not in STAFF:
        raise _for_staff_only("assignee")
    if wanted.station is not None and how_far is Reach.EMPLOYER:
        raise _for_staff_only("station")
    clauses.check_order(
        ("changedSince", "changedUntil"), wanted.changed_since, wanted.changed_until
    )
    return [
        *clauses.one_of("state", wanted.states),
        *clauses.equal("station_id", wanted.station),
        *clauses.equal("opening_id", wanted.opening),
        *clauses.equal("worker_id", wanted.worker),
        *clauses.equal("assigned_to", wanted.assignee),
        *clauses.on_days("changed_at", wanted.changed_from, wanted.changed_to, given.settings.zone),
        *clauses.between("changed_at", wanted.changed_since, wanted.changed_until),
        *await _titled(given, wanted.title),
    ]


async def _titled(given: Services, title: str | None) -> list[Json]:
    """Return the clause of the openings whose title contains the words.

    The title is read from the view of openings, where an edit of it shows at once.
    """
    words = clauses.containing("title", title)
    if not words:
        return []
    body: Json = {
        "size": MOST_TITLES + 1,
        "_source": ["id"],
        "track_total_hits": False,
        "query": bool_of(words),
    }
    hits = (await given.elastic.search(OPENINGS.name, body)).hits
    if len(hits) > MOST_TITLES:
        raise invalid_field(
            "q",
            f"is found in the titles of more than {MOST_TITLES} openings; use more words",
            f"匹配的岗位名称超过 {MOST_TITLES} 个，请输入更多关键词",
        )
    return [{"terms": {"opening_id": sorted(hit.id for hit in hits)}}]


def _for_staff_only(field: str) -> Invalid:
    return invalid_field(
        field, "is for the staff of stations; leave it out", "仅供服务站工作人员使用，请留空"
    )


def mixed_by_employer(documents: Sequence[Json]) -> list[Json]:
    """Return a page of matches by score, with employers mixed within near scores."""
    return interleaved(
        documents, lambda each: float(each["score"]), lambda each: each.get("employer_id")
    )
