"""The saved searches that openings of a batch meet, by searches in the view `saved-searches`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from roost.events.saved_search import SavedSearch
from roost.metrics import ALERTS_CARRIED
from roost.saved_searches.inverted_searches import searches_meeting
from roost.saved_searches.search_comparison import meets
from roost.topics import SAVED_SEARCHES
from roost.views.elastic import COLUMNS, Elastic, Hit, Json
from streams.alert.announced_pairs import FoundPair

MOST_PER_OPENING = 1_000
"""Searches of which one opening is announced at once; those of the others count it at night."""
VIEW = SAVED_SEARCHES.name
FIELDS = ("id", "worker_id", "notice", "compared")


class MetSearches:
    """Reader of the searches that openings meet; each opening costs one search, two if many."""

    def __init__(self, elastic: Elastic) -> None:
        self._elastic = elastic

    async def pairs(self, openings: Sequence[Json]) -> list[FoundPair]:
        """Return the pairs of openings, given as documents, with searches that they meet.

        The searches begin at a place in the order of ids that depends on the opening, so that none
        is always among those beyond the limit. Raises Transient.
        """
        asked = [(each, searches_meeting(each)) for each in openings]
        pages = await self._elastic.msearch(
            [
                (VIEW, _body([*clauses, {"range": {"id": {"gte": start_of(each)}}}]))
                for each, clauses in asked
            ]
        )
        short = [at for at, page in enumerate(pages) if len(page.hits) < MOST_PER_OPENING]
        rest = await self._elastic.msearch(
            [
                (VIEW, _body([*asked[at][1], {"range": {"id": {"lt": start_of(asked[at][0])}}}]))
                for at in short
            ]
        )
        further = dict(zip(short, rest, strict=True))
        found: list[tuple[Json, Hit]] = []
        for at, (opening, _) in enumerate(asked):
            hits = (*pages[at].hits, *(further[at].hits if at in further else ()))
            found += [(opening, hit) for hit in hits[:MOST_PER_OPENING]]
            if len(hits) > MOST_PER_OPENING or at not in further:
                ALERTS_CARRIED.labels("opening").inc()
        return await self._compared(found)

    async def _compared(self, found: Sequence[tuple[Json, Hit]]) -> list[FoundPair]:
        """Return the pairs; those of searches that the view only approximates are compared."""
        wanted = {hit.id for _, hit in found if hit.source["compared"]}
        facts = await self._elastic.mget([(VIEW, id) for id in sorted(wanted)], ("fact",))
        searches = {
            id: SavedSearch.from_stored(document["fact"])
            for (_, id), document in facts.items()
            if "fact" in document
        }
        return [
            _pair(opening, hit.source)
            for opening, hit in found
            if hit.id not in wanted or _is_met(opening, searches, hit.id)
        ]


def _is_met(opening: Json, searches: Mapping[str, SavedSearch], id: str) -> bool:
    return id in searches and meets(opening, searches[id])


def start_of(opening: Json) -> str:
    """Return the id from which the searches for an opening are read."""
    return f"q-{opening['id'].partition('-')[2]}"


def _body(clauses: Sequence[Json]) -> Json:
    return {
        **COLUMNS,
        "size": MOST_PER_OPENING,
        "docvalue_fields": list(FIELDS),
        "track_total_hits": False,
        "query": {"bool": {"filter": list(clauses)}},
        "sort": [{"id": "asc"}],
    }


def _pair(opening: Json, columns: Json) -> FoundPair:
    return FoundPair(
        search_id=columns["id"],
        worker_id=columns["worker_id"],
        notice=columns["notice"],
        opening_id=opening["id"],
        posted_at=datetime.fromisoformat(opening["posted_at"]),
    )
