"""Elasticsearch searches for candidates: pure builders of request bodies.

Hard constraints are filters, equal to those of `eligibility` or a little wider (a worker's radius
is a set of cells, see `roost.constraints`). The order approximates the full score
(`search_scores`), so that the few candidates hold the best. The response carries each document's
features as a column, so that scoring needs no second request.

Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009);
Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search using HNSW graphs"
(2016).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from matcher import search_scores
from matcher.features import OpeningFeatures, WorkerFeatures
from roost.constraints import constraint_clauses
from roost.constraints.needs import ANY_CURRENCY, COMMUTE_KM, NEAR_HOME_KM, country

Json = dict[str, Any]

DEEPEST = 10_000
"""Elasticsearch's limit of examined vectors."""
MEANING, WORDS = 10.0, 0.08
"""Weights among titles of the vectors' likeness (0 to 1) and of BM25, which breaks ties.

Measured, see docs/matching.md.
"""
COLUMNS = ("id", "version", "features")
"""Fields that the searches for candidates return."""


def workers_for(
    opening: OpeningFeatures,
    today: date,
    size: int,
    *,
    without: Collection[str] = (),
    waived: Collection[str] = (),
    further: Sequence[Json] = (),
    any_work: bool = False,
) -> Json:
    """Return the search on the view `profiles` for an opening; at most `size` hits.

    `without` leaves out these workers, `waived` the filters of these obstacles. `further` filters
    are added. With `any_work`, workers without a sign of fit are found as well, last.
    """
    demands = constraint_clauses.for_workers(opening, today)
    filters = [constraint_clauses.ACTIVE, *_required(demands, waived), *further]
    if without:
        filters.append({"bool": {"must_not": [_terms("id", sorted(without))]}})
    return _scored(size, filters, search_scores.of_workers(opening, filters), any_work=any_work)


def openings_for(
    worker: WorkerFeatures,
    today: date,
    size: int,
    *,
    without: Collection[str] = (),
    waived: Collection[str] = (),
    further: Sequence[Json] = (),
    any_work: bool = False,
) -> Json:
    """Return the search on the view `openings` for a worker; at most `size` hits.

    `without` leaves out the openings of these employers, `waived` the filters of these obstacles:
    without `licence`, openings are found whose licences the worker lacks. `further` filters are
    added. With `any_work`, openings without a sign of fit are found as well, last.
    """
    filters: list[Json] = [
        _term("active", True),
        {"range": {"last_day": {"gte": today.toordinal()}}},
        *_required(demands_of(worker, today), waived),
        *further,
    ]
    if without:
        filters.append({"bool": {"must_not": [_terms("employer_id", sorted(without))]}})
    return _scored(size, filters, search_scores.of_openings(worker, filters), any_work=any_work)


def blocked_openings(
    worker: WorkerFeatures, today: date, size: int, by: str, further: Sequence[Json] = ()
) -> Json | None:
    """Return the search for openings that one obstacle alone keeps from a worker.

    Returns None if the worker states nothing that could be this obstacle.
    """
    demands = demands_of(worker, today)
    if by not in demands:
        return None
    return openings_for(worker, today, size, waived={by}, further=[*further, unmet(demands[by])])


def blocked_workers(
    opening: OpeningFeatures, today: date, size: int, by: str, further: Sequence[Json] = ()
) -> Json | None:
    """Return the search for workers whom one obstacle alone keeps from an opening.

    Returns None if the opening states nothing that could be this obstacle.
    """
    demands = constraint_clauses.for_workers(opening, today)
    if by not in demands:
        return None
    return workers_for(opening, today, size, waived={by}, further=[*further, unmet(demands[by])])


def demands_of(worker: WorkerFeatures, today: date) -> dict[str, list[Json]]:
    """Return the clauses that openings must meet, by obstacle; only those this worker needs."""
    demands: dict[str, list[Json]] = {
        "place": [_openings_wanted(worker)],
        "licence": [_licences_held(worker)],
    }
    if worker.available_from > today.toordinal():
        demands["availability"] = [{"range": {"starts_by": {"gte": worker.available_from}}}]
    if worker.currency != ANY_CURRENCY:
        demands["currency"] = [_terms("currency", [worker.currency, ANY_CURRENCY])]
        demands["wage"] = [
            _any({"range": {"wage_high": {"gte": worker.wage_floor}}}, _absent("wage_high"))
        ]
    if worker.shifts:
        demands["shift"] = [_any(_terms("shifts", worker.shifts), _absent("shifts"))]
    if worker.needs_lodging:
        near = _near(worker.point, COMMUTE_KM, "location")
        demands["lodging"] = [_any(_term("lodging", True), *near)]
    return demands


def unmet(demand: Sequence[Json]) -> Json:
    """Return the clause for documents that do not meet a demand."""
    return {"bool": {"must_not": [{"bool": {"filter": list(demand)}}]}}


def near(point: tuple[float, float] | None, radius_km: float) -> list[Json]:
    """Return the filter for documents within a radius; none when the centre is unknown."""
    return _near(point, radius_km, "location")


def _required(demands: Mapping[str, Sequence[Json]], waived: Collection[str]) -> list[Json]:
    """Return the clauses of all demands that are not waived."""
    return [each for name, found in demands.items() if name not in waived for each in found]


def _scored(size: int, filters: Sequence[Json], scored: Json, *, any_work: bool) -> Json:
    query: Json = {"filter": list(filters), "should" if any_work else "must": [scored]}
    return _columns(size, *COLUMNS) | {"query": {"bool": query}}


def _openings_wanted(worker: WorkerFeatures) -> Json:
    """Return the filter for places that the worker accepts."""
    if worker.near_home_only:
        near = _near(worker.home_point, NEAR_HOME_KM, "location")
        return _any(*([_term("places", worker.home[0])] if worker.home else []), *near)
    choices = [_terms("places", worker.willing)] if worker.willing else []
    if worker.radius_km is not None:
        choices += _near(worker.point, worker.radius_km, "location")
    if not worker.willing and worker.radius_km is None:
        choices.append(_term("country", country(worker.places)))
    return _any(*choices)


def _licences_held(worker: WorkerFeatures) -> Json:
    none_asked = _term("licence_count", 0)
    if not worker.licences:
        return none_asked
    held = {"terms": list(worker.licences), "minimum_should_match_field": "licence_count"}
    return _any(none_asked, {"terms_set": {"licences": held}})


def similar(weights: dict[str, float], vector: str, size: int) -> Json:
    """Return the search for similar titles over all documents, without constraints.

    It examines `size` vectors, at most 10,000. Documents beyond those have nothing in common.
    """
    depth = min(size, DEEPEST)
    body = _columns(size, "id")
    words = search_scores.words(weights, WORDS)
    body["query"] = {"bool": {"should": [words] if words else []}}
    if vector:
        body["knn"] = _nearest("vector", vector, depth, depth, MEANING)
    return body


def _columns(size: int, *fields: str) -> Json:
    """Return the frame of a search that opens no document."""
    return {
        "size": size,
        "_source": False,
        "stored_fields": "_none_",
        "docvalue_fields": list(fields),
        "track_total_hits": False,
    }


def _nearest(field: str, vector: str, k: int, candidates: int, boost: float) -> Json:
    return {
        "field": field,
        "query_vector": vector,
        "k": k,
        "num_candidates": candidates,
        "boost": boost,
    }


def _near(point: Any, radius_km: float, field: str) -> list[Json]:
    """Return a distance filter in kilometres, or none when the centre is unknown.

    Half a kilometre is added for rounding.
    """
    if point is None:
        return []
    latitude, longitude = point
    where = {"lat": latitude, "lon": longitude}
    return [{"geo_distance": {"distance": f"{radius_km * 1.005 + 0.5}km", field: where}}]


def _term(field: str, value: Any) -> Json:
    return {"term": {field: value}}


def _terms(field: str, values: Any) -> Json:
    return {"terms": {field: list(values)}}


def _absent(field: str) -> Json:
    return {"bool": {"must_not": [{"exists": {"field": field}}]}}


def _any(*choices: Json) -> Json:
    return {"bool": {"should": list(choices), "minimum_should_match": 1}}
