"""Elasticsearch searches for candidates: pure builders of request bodies.

Hard constraints are filters, equal to those of `eligibility` or a little wider (a worker's radius
is a set of cells, see `roost.constraints`). Recall adds BM25 over our tokens and nearest vectors in
one request. The response carries each document's features as a column, so that scoring needs no
second request.

Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009);
Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search using HNSW graphs"
(2016).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from matcher.features import OpeningFeatures, WorkerFeatures
from roost.constraints import constraint_clauses
from roost.constraints.needs import ANY_CURRENCY, COMMUTE_KM, NEAR_HOME_KM, country
from roost.text.skill_names import one_name

Json = dict[str, Any]

NEIGHBOURS = 40
CANDIDATES = 80
"""Vectors examined per segment; more of them improve recall and take longer."""
OCCUPATION = 2.0
"""Score of a common occupation of the taxonomy."""
SKILLS_SEARCHED, PER_SKILL = 16, 8
"""Skills whose own nearest openings are searched, and how many each, without wanted occupations."""
DEEPEST = 10_000
"""Elasticsearch's limit of examined vectors."""
MEANING, WORDS = 10.0, 0.04
"""Weights of the vectors' likeness (0 to 1) and of BM25: meaning decides, equal words break ties.

Measured, see docs/matching.md.
"""
MOST_TERMS = 24
"""Most tokens and most skills in one search."""


def workers_for(
    opening: OpeningFeatures, today: date, size: int, *, without: Collection[str] = ()
) -> Json:
    """Return the search on the view `profiles` for an opening; at most `size` hits.

    `without` leaves out these workers.
    """
    demands = constraint_clauses.for_workers(opening, today)
    filters = [constraint_clauses.ACTIVE, *(each for found in demands.values() for each in found)]
    if without:
        filters.append({"bool": {"must_not": [_terms("id", sorted(without))]}})
    query = _query_terms(opening.title, opening.skills)
    return _hybrid(filters, query, opening.vector, size, opening.occupations)


def openings_for(
    worker: WorkerFeatures,
    today: date,
    size: int,
    *,
    whatever_licences: bool = False,
    without: Collection[str] = (),
) -> Json:
    """Return the search on the view `openings` for a worker; at most `size` hits.

    `without` leaves out the openings of these employers.
    `whatever_licences` also finds openings whose licences the worker lacks, to compute their gain.
    """
    filters: list[Json] = [
        _term("active", True),
        {"range": {"last_day": {"gte": today.toordinal()}}},
        _openings_wanted(worker),
    ]
    if without:
        filters.append({"bool": {"must_not": [_terms("employer_id", sorted(without))]}})
    if not whatever_licences:
        filters.append(_licences_held(worker))
    if worker.available_from > today.toordinal():
        filters.append({"range": {"starts_by": {"gte": worker.available_from}}})
    if worker.currency != ANY_CURRENCY:
        filters += [
            _terms("currency", [worker.currency, ANY_CURRENCY]),
            _any({"range": {"wage_high": {"gte": worker.wage_floor}}}, _absent("wage_high")),
        ]
    if worker.shifts:
        filters.append(_any(_terms("shifts", worker.shifts), _absent("shifts")))
    if worker.needs_lodging:
        near = _near(worker.point, COMMUTE_KM, "location")
        filters.append(_any(_term("lodging", True), *near))
    merged: dict[str, float] = {}
    for wanted in worker.wanted:
        merged |= wanted
    query = _query_terms(merged or worker.skill_words, worker.skills)
    occupations = [*worker.occupations, *worker.abilities]
    body = _hybrid(filters, query, worker.vector, size, occupations)
    return body if worker.wanted else _with_skills(body, worker)


def _with_skills(body: Json, worker: WorkerFeatures) -> Json:
    """Add the openings nearest to each skill: the mean of many skills is near few of them."""
    pooled = body.get("knn")
    if pooled is None or len(worker.skill_vectors) < 2:
        return body
    each = {"k": PER_SKILL, "num_candidates": CANDIDATES, "boost": 1.0}
    nearest = [
        pooled | {"query_vector": vector} | each
        for vector in list(filter(None, worker.skill_vectors))[:SKILLS_SEARCHED]
    ]
    return body | {"knn": [pooled, *nearest]}


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


def _query_terms(
    weights: dict[str, float], skills: Sequence[str]
) -> tuple[list[str], list[list[str]]]:
    """Return the most telling tokens, and for each skill its forms in keyword fields.

    Two names of one skill count once.
    """
    telling = sorted(weights, key=lambda token: (-weights[token], token))[:MOST_TERMS]
    forms: dict[str, list[str]] = {}
    for skill in skills:
        meant = one_name(skill)
        forms.setdefault(meant, [meant])
        if skill not in forms[meant]:
            forms[meant].append(skill)
    return telling, list(forms.values())[:MOST_TERMS]


def similar(weights: dict[str, float], vector: str, size: int) -> Json:
    """Return the same search over all documents, without constraints.

    It examines `size` vectors, at most 10,000. Documents beyond those have nothing in common.
    """
    depth = min(size, DEEPEST)
    body = _hybrid([], _query_terms(weights, ()), vector, size, (), depth, depth)
    return body | {"docvalue_fields": ["id"]}


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


def _hybrid(
    filters: list[Json],
    query: tuple[list[str], list[list[str]]],
    vector: str,
    size: int,
    occupations: Sequence[str],
    neighbours: int = NEIGHBOURS,
    candidates: int = CANDIDATES,
) -> Json:
    telling, skills = query
    should: list[Json] = []
    if telling:
        should.append({"match": {"words": {"query": " ".join(telling), "boost": WORDS}}})
    should += [{"constant_score": {"filter": _terms("skills", forms)}} for forms in skills]
    if occupations:
        same = {"filter": _terms("occupations", occupations), "boost": OCCUPATION}
        should.append({"constant_score": same})
    body = _columns(size, "id", "version", "features")
    body["query"] = {"bool": {"filter": filters, "should": should}}
    if vector:
        nearest = _nearest("vector", vector, neighbours, candidates, MEANING)
        body["knn"] = nearest | {"filter": filters}
    return body


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
