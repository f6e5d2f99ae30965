"""Filters of a search for pairs as clauses, and the view's answers as features. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TypeVar

from api.finding.schemas import Criterion, Relaxed, Wanted
from api.lists import clauses
from matcher import queries
from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.relaxing import Relaxation
from roost.constraints.needs import NEAR_HOME_KM
from roost.places.gazetteer import gazetteer
from roost.places.place_clauses import clauses_within
from roost.text.search_terms import Subject
from roost.text.word_clauses import word_clauses
from roost.views.answers import Hit
from roost.views.elastic import Json

F = TypeVar("F", OpeningFeatures, WorkerFeatures)


def opening_filters(worker: WorkerFeatures, wanted: Wanted) -> list[Json]:
    """Return the clauses of a search for openings. Raises Invalid for an unknown place."""
    wage: list[Json] = []
    if wanted.wage is not None:
        wage = [{"range": {"wage_high": {"gte": wanted.wage}}}]
    return [
        *clauses.in_place("places", wanted.place, gazetteer()),
        *_within(worker.point, wanted.within_km),
        *wage,
        *clauses.equal("occupations", wanted.occupation),
        *clauses.equal("shifts", wanted.shift),
        *([{"term": {"lodging": True}}] if wanted.lodging else []),
        *(_near_home(worker) if wanted.near_home else []),
        *clauses.equal("employer_id", wanted.employer),
        *word_clauses(wanted.words, (Subject.TITLE, Subject.EMPLOYER)),
    ]


def worker_filters(opening: OpeningFeatures, wanted: Wanted) -> list[Json]:
    """Return the clauses of a search for workers. Raises Invalid for an unknown place.

    Words are those of wanted occupations and skills, never of names, since the address holds them.
    """
    wage: list[Json] = []
    if wanted.wage is not None:
        wage = [{"range": {"wage_floor": {"lte": wanted.wage}}}]
    shift: list[Json] = []
    if wanted.shift is not None:
        shift = [any_of([{"term": {"shifts": wanted.shift.value}}, {"term": {"any_shift": True}}])]
    return [
        *clauses.in_place("places", wanted.place, gazetteer()),
        *_within(opening.point, wanted.within_km),
        *wage,
        *clauses.equal("occupations", wanted.occupation),
        *shift,
        *([{"term": {"needs_lodging": False}}] if wanted.lodging else []),
        *(_at_home_near(opening) if wanted.near_home else []),
        *word_clauses(wanted.words, ()),
    ]


def any_of(choices: Sequence[Json]) -> Json:
    """Return the clause that holds if one of several does."""
    return {"bool": {"should": list(choices), "minimum_should_match": 1}}


def features_in(hits: Iterable[Hit], kind: type[F]) -> list[F]:
    """Return the features that a search has brought as columns."""
    return [kind.unpacked(each.source["features"]) for each in hits]


def relaxed(found: Relaxation, most: int) -> Relaxed:
    """Return a relaxation as it is answered, with its value in the field of its criterion."""
    value = found.value
    fields: dict[str, object] = {}
    match found.criterion:
        case "wage":
            fields = {"wage": value}
        case "place":
            fields = {"within_km": value}
        case "availability":
            fields = {"available_from": date.fromisoformat(str(value))}
        case "shift" | "licence" | "currency":
            fields = {found.criterion: value}
    return Relaxed(
        criterion=Criterion(found.criterion),
        gain=found.gain,
        more=found.gain >= most,
        **fields,
    )


def _within(point: tuple[float, float] | None, radius_km: float | None) -> list[Json]:
    """Return the filter by distance; without a known centre nothing is within any radius."""
    if radius_km is None:
        return []
    return queries.near(point, radius_km) or [{"terms": {"id": []}}]


def _near_home(worker: WorkerFeatures) -> list[Json]:
    ways = [{"term": {"places": worker.home[0]}}] if worker.home else []
    return [any_of([*ways, *queries.near(worker.home_point, NEAR_HOME_KM), {"terms": {"id": []}}])]


def _at_home_near(opening: OpeningFeatures) -> list[Json]:
    """Return the filter for workers who are at home in the opening's county."""
    county = list(opening.places[1:2] or opening.places[:1])
    ways = clauses_within("home", county, gazetteer()) if county else []
    return [any_of([*ways, {"terms": {"id": []}}])]
