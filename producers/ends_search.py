"""Matches in progress that changes of openings or profiles end, from the views (ADR 68).

Many changes are judged together: one search for their matches, one read of the other sides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol

from roost.constraints.narrowing import narrows
from roost.constraints.needs import Wants, stored_needs_of, wants_of
from roost.constraints.obstacles import end_of_opening, lasting_obstacle
from roost.events.opening import Opening
from roost.events.profile import Profile
from roost.places.gazetteer import gazetteer
from roost.topics import MATCHES, OPENINGS, PROFILES
from roost.views.answers import Json, Page
from roost.views.stored_facts import STORED_FIELDS, fact_in

GROUP = 500
"""Changes whose matches one search finds."""
MOST_HITS = 10_000
"""Most matches in progress that one search returns."""
IN_PROGRESS: list[Json] = [
    {"term": {"active": True}},
    {
        "bool": {
            "should": [{"exists": {"field": name}} for name in ("assigned_to", "accepted_at")],
            "minimum_should_match": 1,
        }
    },
]
"""Matches that somebody works on, or that the worker has accepted (`Match.in_progress`)."""
MayRead = Callable[[str, Json], Awaitable[bool]]
"""Test of the caller's right to read a worker, by id and stored fact."""
OpeningChange = tuple[Opening, Opening]
"""A stored opening, and the opening after the change."""
ProfileChange = tuple[Profile, Profile]
"""A stored profile, and the profile after the change."""


Changes = Mapping[str, tuple[Json, Json]]
"""Stored facts and the facts after a change, by id."""
FindEnds = Callable[[str, Changes, date], Mapping[str, int]]
"""Returns the number of matches in progress that changes of a view's entities end, by id."""


class ReadsViews(Protocol):
    """Part of Elasticsearch that the search needs."""

    async def msearch(self, searches: Sequence[tuple[str, Json]]) -> list[Page]:
        """Run several searches in one request."""
        ...

    async def mget(
        self, keys: Sequence[tuple[str, str]], fields: Sequence[str] | None = None
    ) -> dict[tuple[str, str], Json]:
        """Read documents by view and id."""
        ...


async def read_everybody(id: str, fact: Json) -> bool:
    """Return True: the caller may read every worker."""
    return True


async def read_nobody(id: str, fact: Json) -> bool:
    """Return False: the caller may read no worker."""
    return False


async def ends_of_openings(
    views: ReadsViews, changes: Iterable[OpeningChange], today: date, may_read: MayRead
) -> Counter[str]:
    """Return the number of matches in progress that changes end, by opening.

    A change that excludes nobody ends none. Workers whom the caller may not read count as excluded
    by any narrower demand: a caller who tries demands could otherwise read those of a candidate. A
    lower score ends no match in progress (`streams/queue/lifecycle.py`).
    """
    known, found = gazetteer(), Counter[str]()
    after = {}
    for stored, changed in changes:
        old, new = stored_needs_of(stored, known), stored_needs_of(changed, known)
        if end_of_opening(old, today):
            continue
        if end_of_opening(new, today) or narrows(old, new):
            after[changed.id] = new
    pairs = await _in_progress(views, "opening_id", after)
    ended = {id for id, needs in after.items() if end_of_opening(needs, today)}
    found.update(opening for opening, _ in pairs if opening in ended)
    left = [(opening, worker) for opening, worker in pairs if opening not in ended]
    workers = await _facts(views, PROFILES.name, (worker for _, worker in left))
    wants: dict[str, Wants | None] = {}
    for id, fact in workers.items():
        readable = await may_read(id, fact)
        wants[id] = wants_of(Profile.from_stored(fact), known) if readable else None
    for opening, worker in left:
        if worker not in wants:
            continue  # erased
        wanted = wants[worker]
        waived = pairs[opening, worker]
        if wanted is None or lasting_obstacle(after[opening], wanted, today, waived):
            found[opening] += 1
    return found


async def ends_of_profiles(
    views: ReadsViews, changes: Iterable[ProfileChange], today: date
) -> Counter[str]:
    """Return the number of matches in progress that changes end, by worker."""
    known, found = gazetteer(), Counter[str]()
    after = {}
    for stored, changed in changes:
        wanted = wants_of(changed, known)
        if wanted != wants_of(stored, known):
            after[changed.id] = wanted
    pairs = await _in_progress(views, "worker_id", after)
    facts = await _facts(views, OPENINGS.name, (opening for opening, _ in pairs))
    needs = {id: stored_needs_of(Opening.from_stored(fact), known) for id, fact in facts.items()}
    for (opening, worker), waived in pairs.items():
        if opening not in needs or lasting_obstacle(needs[opening], after[worker], today, waived):
            found[worker] += 1
    return found


async def _in_progress(
    views: ReadsViews, field: str, ids: Iterable[str]
) -> dict[tuple[str, str], Sequence[str]]:
    """Return the matches in progress of these ids, by opening and worker.

    With each come the wishes that the worker has set aside for it.
    """
    wanted = sorted(ids)
    searches: list[tuple[str, Json]] = [
        (
            MATCHES.name,
            {
                "size": MOST_HITS,
                "_source": ["opening_id", "worker_id", "fact.byHand.waives"],
                "track_total_hits": False,
                "query": {
                    "bool": {"filter": [{"terms": {field: wanted[at : at + GROUP]}}, *IN_PROGRESS]}
                },
            },
        )
        for at in range(0, len(wanted), GROUP)
    ]
    pages = await views.msearch(searches) if searches else []
    return {
        (str(hit.source["opening_id"]), str(hit.source["worker_id"])): _waived(hit.source)
        for page in pages
        for hit in page.hits
    }


def _waived(match: Json) -> Sequence[str]:
    by_hand = (match.get("fact") or {}).get("byHand") or {}
    waived: Sequence[str] = by_hand.get("waives", ())
    return waived


async def _facts(views: ReadsViews, view: str, ids: Iterable[str]) -> Mapping[str, Json]:
    """Return the stored facts by id, without erased ones."""
    keys = [(view, id) for id in sorted(set(ids))]
    documents = await views.mget(keys, STORED_FIELDS) if keys else {}
    facts = {id: fact_in(document) for (_, id), document in documents.items()}
    return {id: fact for id, fact in facts.items() if fact is not None}


async def ends_of_rows(
    views: ReadsViews, view: str, changes: Changes, today: date, may_read: MayRead
) -> Mapping[str, int]:
    """Return the number of matches in progress that changed rows of a file end, by id."""
    if view == OPENINGS.name:
        openings = [
            (Opening.from_stored(old), Opening.from_stored(new)) for old, new in changes.values()
        ]
        return await ends_of_openings(views, openings, today, may_read)
    if view == PROFILES.name:
        profiles = [
            (Profile.from_stored(old), Profile.from_stored(new)) for old, new in changes.values()
        ]
        return await ends_of_profiles(views, profiles, today)
    return {}
