"""Search among the stored openings for employers of a name, for rows without a credit code.

A caller learns of employers of openings within their reach alone; the search takes its filters.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from producers.people_search import SearchesViews
from roost.topics import OPENINGS
from roost.views.answers import Hit, Json

MOST_EMPLOYERS = 5
"""Employers of one name that are found, those with the newest openings first."""


@dataclass(frozen=True, slots=True)
class KnownEmployer:
    """Stored employer: its id, and name and workplace as in its newest opening of that name."""

    id: str
    name: str
    place: str = ""


async def find_employers(
    views: SearchesViews,
    names: Collection[str],
    within: Sequence[Json] | None,
    *,
    before: datetime,
) -> dict[str, Sequence[KnownEmployer]]:
    """Return the stored employers of each comparable name; names without any are left out.

    `within` are the filters of the caller's reach; None for a caller who may read no opening.
    Openings first posted at `before` or later do not count: an import does not ask about its own
    rows. One small search per name, all in one request. Raises Transient.
    """
    wanted = sorted(names)
    if within is None or not wanted:
        return {}
    searches = [(OPENINGS.name, _search(name, within, before)) for name in wanted]
    found: dict[str, Sequence[KnownEmployer]] = {}
    for name, page in zip(wanted, await views.msearch(searches), strict=True):
        if page.hits:
            found[name] = tuple(_known(hit) for hit in page.hits)
    return found


def _search(name: str, within: Sequence[Json], before: datetime) -> Json:
    """Return the search for the newest opening of each employer of a name."""
    return {
        "size": MOST_EMPLOYERS,
        "_source": ["employer_id", "fact.hiringOrganization.name", "fact.jobLocation.name"],
        "track_total_hits": False,
        "query": {
            "bool": {
                "filter": [
                    *within,
                    {"term": {"employer_name": name}},
                    {"range": {"created_at": {"lt": before.isoformat()}}},
                ]
            }
        },
        "collapse": {"field": "employer_id"},
        "sort": [{"created_at": "desc"}, {"employer_id": "asc"}],
    }


def _known(hit: Hit) -> KnownEmployer:
    fact: Mapping[str, Mapping[str, str]] = hit.source["fact"]
    place = fact.get("jobLocation", {}).get("name", "")
    return KnownEmployer(hit.source["employer_id"], fact["hiringOrganization"]["name"], place)
