"""Matches that end because a placement fills the last place of their opening."""

from __future__ import annotations

from dataclasses import dataclass

from api.lists.paging import bool_of
from api.ports.services import Services
from producers.ends_search import IN_PROGRESS
from roost.events.match import Match, MatchState
from roost.events.opening import Opening
from roost.topics import MATCHES, OPENINGS
from roost.views.elastic import Json
from roost.views.stored_facts import STORED_FIELDS, fact_in


@dataclass(frozen=True, slots=True)
class LastPlace:
    """Other matches of an opening whose last place is filled."""

    withdrawn: int
    """Matches that end: nobody works on them, and no worker has accepted."""
    kept: int
    """Matches in progress, which go on."""


async def last_place(given: Services, match: Match) -> LastPlace | None:
    """Return the other matches of a match's opening if its placement fills the last place.

    Source: `streams/queue/lifecycle.py`, which withdraws them.
    """
    key = (OPENINGS.name, match.opening_id)
    documents = await given.elastic.mget([key], STORED_FIELDS)
    fact = fact_in(documents[key]) if key in documents else None
    if fact is None or match.state is MatchState.PLACED:
        return None
    await given.elastic.refresh(MATCHES.name)
    placed = await _count(given, match, [_is_in(MatchState.PLACED)])
    if placed + 1 < Opening.from_stored(fact).total_job_openings:
        return None
    kept = await _count(given, match, IN_PROGRESS)
    proposed = await _count(given, match, [_is_in(MatchState.PROPOSED)])
    in_progress = await _count(given, match, [_is_in(MatchState.PROPOSED), *IN_PROGRESS])
    return LastPlace(proposed - in_progress, kept)


def _is_in(state: MatchState) -> Json:
    return {"term": {"state": state.value}}


async def _count(given: Services, match: Match, clauses: list[Json]) -> int:
    """Return the number of other matches of the opening that meet the clauses."""
    others: Json = {"bool": {"must_not": [{"term": {"worker_id": match.worker_id}}]}}
    of_opening: Json = {"term": {"opening_id": match.opening_id}}
    return await given.elastic.count(MATCHES.name, bool_of([of_opening, others, *clauses]))
