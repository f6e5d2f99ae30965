"""Use cases of manual matching: openings for the worker at the counter, workers for an opening.

The candidates are searched, ranked and explained by the matcher in force, as matching does. At most
`CANDIDATES` are compared in a search, and as many for each criterion that is relaxed; searches end
after a set time with the candidates found so far.

Openings are found wherever they are, as workers move for work and open openings are public. Workers
are found within the caller's reach only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from api.access import belonging
from api.access.principal import Principal
from api.finding import views
from api.finding.finding_query import F, opening_filters, relaxed, worker_filters
from api.finding.schemas import (
    FittingOpening,
    FittingOpenings,
    FittingWorker,
    FittingWorkers,
    FoundPair,
    Relaxed,
    Wanted,
    WhyNone,
)
from api.finding.views import NO_MATCH, PairState
from api.guards.auditing_elastic import collect_workers
from api.ports.services import Services
from matcher import finding, queries
from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.finding import Finding
from matcher.relaxing import CRITERIA, relaxations_for_opening, relaxations_for_worker
from roost.events.account import Permission
from roost.events.match import Wish
from roost.events.opening import Opening
from roost.rules.by_hand import lasting, may_be_proposed
from roost.topics import OPENINGS, PROFILES
from roost.views.elastic import Json

CANDIDATES = 60
"""Most candidates that one search compares, as in the match stage."""
FEW = 3
"""With fewer pairs that can be proposed as they are, the answer says what would give more."""
SET_ASIDE = frozenset({*Wish, "licence"})
"""Obstacles with which a pair is shown, if the searcher asks for blocked pairs."""


async def find_openings(
    given: Services, who: Principal, worker_id: str, wanted: Wanted, *, limit: int
) -> FittingOpenings:
    """Return the openings that fit a worker, best first.

    Raises NotFound for a worker out of reach, and Invalid for an unknown place.
    """
    await belonging.profile(given, who, Permission.MATCHES_ASSIGN, worker_id)
    at = await views.indices(given)
    worker = await views.features_of(given, at[PROFILES.name], worker_id, WorkerFeatures)
    filters = opening_filters(worker, wanted)
    body = queries.openings_for(
        worker,
        given.today,
        CANDIDATES,
        waived=SET_ASIDE if wanted.blocked else (),
        further=filters,
        any_work=wanted.names_work,
    )
    [candidates] = await views.searched(given, at[OPENINGS.name], [body], OpeningFeatures)
    found = await _ranked(given, worker, candidates, wanted)
    shown = found[:limit]
    items, counted = await asyncio.gather(
        _openings(given, who, worker_id, shown), views.new_today(given, [worker_id])
    )
    help_openings: list[Relaxed] = []
    fitting = sum(each.may_propose and not each.blocked_by for each in items)
    if fitting < FEW and worker.active:
        help_openings = await _help_worker(given, who, at, worker, filters)
    return FittingOpenings(
        items=items,
        more=len(found) > limit or len(candidates) == CANDIDATES,
        why_none=None
        if fitting
        else await _why_none(given, worker.active, help_openings, filters, worker, at),
        would_help=help_openings,
        new_today=counted[worker_id],
        most_a_day=given.settings.capacity.worker_day,
    )


async def find_workers(
    given: Services, who: Principal, opening_id: str, wanted: Wanted, *, limit: int
) -> FittingWorkers:
    """Return the workers within the caller's reach who fit an opening, best first.

    Raises NotFound for an opening out of reach, and Invalid for an unknown place.
    """
    await belonging.opening(given, who, Permission.MATCHES_ASSIGN, opening_id)
    at = await views.indices(given)
    opening = await views.features_of(given, at[OPENINGS.name], opening_id, OpeningFeatures)
    within = await belonging.profiles_within_reach(given, who, Permission.MATCHES_ASSIGN)
    filters = [*within, *worker_filters(opening, wanted)]
    body = queries.workers_for(
        opening,
        given.today,
        CANDIDATES,
        waived=SET_ASIDE if wanted.blocked else (),
        further=filters,
        any_work=wanted.names_work,
    )
    [candidates] = await views.searched(given, at[PROFILES.name], [body], WorkerFeatures)
    found = await _ranked(given, opening, candidates, wanted)
    items, offers, placed = await asyncio.gather(
        _workers(given, who, opening_id, found[:limit]),
        views.open_offers(given, [opening_id]),
        views.placed(given, opening_id),
    )
    help_workers: list[Relaxed] = []
    fitting = sum(each.may_propose and not each.blocked_by for each in items)
    if fitting < FEW and opening.active:
        help_workers = await _help_opening(given, who, at, opening, filters)
    return FittingWorkers(
        items=items,
        more=len(found) > limit or len(candidates) == CANDIDATES,
        why_none=None if fitting else _reason(opening.active, help_workers),
        would_help=help_workers,
        offers=offers[opening_id],
        places=given.settings.capacity.places(opening.headcount, placed),
        most_a_day=given.settings.capacity.worker_day,
    )


async def _ranked(
    given: Services,
    subject: OpeningFeatures | WorkerFeatures,
    candidates: Sequence[F],
    wanted: Wanted,
) -> list[Finding[F]]:
    """Rank candidates off the event loop; work that the searcher names is kept whatever it fits."""
    least = 0.0 if wanted.names_work else given.settings.least_score
    return await asyncio.to_thread(
        finding.find, subject, candidates, given.today, CANDIDATES, least, given.weights
    )


async def _openings(
    given: Services, who: Principal, worker_id: str, found: Sequence[Finding[OpeningFeatures]]
) -> list[FittingOpening]:
    ids = [each.candidate.id for each in found]
    facts, states, offers = await asyncio.gather(
        views.facts_of(given, OPENINGS.name, ids),
        views.pair_states(given, who, [(id, worker_id) for id in ids]),
        views.open_offers(given, ids),
    )
    return [
        FittingOpening(
            **_pair(given, each, states.get((each.candidate.id, worker_id), NO_MATCH)),
            **_of_opening(facts[each.candidate.id]),
            offers=offers[each.candidate.id],
        )
        for each in found
        if each.candidate.id in facts
    ]


def _of_opening(fact: Mapping[str, Any]) -> dict[str, Any]:
    opening = Opening.from_stored(fact)
    return {
        "id": opening.id,
        "title": opening.title,
        "employer_id": opening.hiring_organization.id,
        "employer": opening.hiring_organization.name,
        "place": opening.job_location.name,
        "wage": opening.base_salary,
        "shifts": opening.shifts,
        "lodging": opening.lodging,
        "headcount": opening.total_job_openings,
    }


async def _workers(
    given: Services, who: Principal, opening_id: str, found: Sequence[Finding[WorkerFeatures]]
) -> list[FittingWorker]:
    ids = [each.candidate.id for each in found]
    facts, states, counted = await asyncio.gather(
        views.facts_of(given, PROFILES.name, ids),
        views.pair_states(given, who, [(opening_id, id) for id in ids]),
        views.new_today(given, ids),
    )
    return [
        FittingWorker(
            **_pair(given, each, states.get((opening_id, each.candidate.id), NO_MATCH)),
            id=each.candidate.id,
            name=fact["name"],
            identifier=fact.get("identifier"),
            location=fact["location"]["name"],
            home=fact["home"]["name"],
            new_today=counted[each.candidate.id],
        )
        for each in found
        if (fact := facts.get(each.candidate.id)) is not None
    ]


def _pair(given: Services, found: Finding[Any], state: PairState) -> dict[str, Any]:
    """Return the fields of a pair by name (`FoundPair`)."""
    may_propose = may_be_proposed(state.state) and not lasting(found.obstacles)
    pair = FoundPair(
        score=found.score,
        fits=found.unboosted >= given.settings.least_score,
        reasons=found.reasons,
        missing_skills=found.missing_skills,
        blocked_by=found.obstacles,
        away_km=None if found.away_km is None else round(found.away_km, 1),
        match=state.match,
        matched_elsewhere=state.elsewhere,
        may_propose=may_propose,
    )
    return {name: getattr(pair, name) for name in FoundPair.model_fields}


async def _help_worker(
    given: Services,
    who: Principal,
    at: Mapping[str, str],
    worker: WorkerFeatures,
    filters: Sequence[Json],
) -> list[Relaxed]:
    """Relax one criterion at a time, and count the openings that it would add."""
    bodies = _by_criterion(
        lambda name: queries.blocked_openings(worker, given.today, CANDIDATES, name, filters)
    )
    index = at[OPENINGS.name]
    blocked = await _unmatched(given, who, worker, bodies, index, OpeningFeatures)

    def decide() -> list[Relaxed]:
        alone = _blocked(given, worker, blocked)
        found = relaxations_for_worker(worker, alone, given.today)
        return [relaxed(each, CANDIDATES) for each in found]

    return await asyncio.to_thread(decide)


async def _help_opening(
    given: Services,
    who: Principal,
    at: Mapping[str, str],
    opening: OpeningFeatures,
    filters: Sequence[Json],
) -> list[Relaxed]:
    """Relax one criterion at a time, and count the workers whom it would add."""
    bodies = _by_criterion(
        lambda name: queries.blocked_workers(opening, given.today, CANDIDATES, name, filters)
    )
    index = at[PROFILES.name]
    blocked = await _unmatched(given, who, opening, bodies, index, WorkerFeatures)

    def decide() -> list[Relaxed]:
        alone = _blocked(given, opening, blocked)
        found = relaxations_for_opening(opening, alone, given.today)
        return [relaxed(each, CANDIDATES) for each in found]

    return await asyncio.to_thread(decide)


def _by_criterion(body_of: Callable[[str], Json | None]) -> dict[str, Json]:
    """Return the search for the candidates that each criterion blocks, where there is one."""
    return {name: body for name in CRITERIA if (body := body_of(name))}


async def _unmatched(
    given: Services,
    who: Principal,
    subject: OpeningFeatures | WorkerFeatures,
    bodies: Mapping[str, Json],
    index: str,
    kind: type[F],
) -> dict[str, list[F]]:
    """Return the candidates that searches find, without those that have a match already.

    No condition would add these.
    """
    pages = await views.searched(given, index, list(bodies.values()), kind)
    pairs = {each.id: _ids_of(subject, each) for page in pages for each in page}
    with collect_workers():  # they are counted, not shown
        states = await views.pair_states(given, who, list(pairs.values()))
    taken = {pair for pair, each in states.items() if not may_be_proposed(each.state)}
    return {
        name: [each for each in page if pairs[each.id] not in taken]
        for name, page in zip(bodies, pages, strict=True)
    }


def _ids_of(
    subject: OpeningFeatures | WorkerFeatures, candidate: OpeningFeatures | WorkerFeatures
) -> tuple[str, str]:
    opening, worker = finding.pair_of(subject, candidate)
    return opening.id, worker.id


def _blocked(
    given: Services,
    subject: OpeningFeatures | WorkerFeatures,
    candidates: Mapping[str, Sequence[F]],
) -> dict[str, list[F]]:
    """Return the candidates that each criterion alone keeps away."""
    least, weights = given.settings.least_score, given.weights
    return {
        name: finding.blocked_by(name, subject, each, given.today, least, weights)
        for name, each in candidates.items()
    }


async def _why_none(
    given: Services,
    active: bool,
    would_help: Sequence[Relaxed],
    filters: Sequence[Json],
    worker: WorkerFeatures,
    at: Mapping[str, str],
) -> WhyNone:
    """Return why a worker has no opening; the filters, if openings exist without them."""
    if active and filters:
        body = queries.openings_for(worker, given.today, CANDIDATES)
        [candidates] = await views.searched(given, at[OPENINGS.name], [body], OpeningFeatures)
        if await _ranked(given, worker, candidates, Wanted()):
            return WhyNone.FILTERS
    return _reason(active, would_help)


def _reason(active: bool, would_help: Sequence[Relaxed]) -> WhyNone:
    if not active:
        return WhyNone.INACTIVE
    return WhyNone.CONDITIONS if would_help else WhyNone.WORK
