"""Scores of the searches for candidates, which approximate the full score (`parts`).

The score of a document is a product, a geometric instead of a harmonic mean of both sides:

    fit × circumstances of the worker × requirements of the employer × skills

Each factor is a clause of Elasticsearch that needs no script. Fit is the best of: an equal title, a
common occupation, the nearest vectors with the words of both. Wages, distance, experience and
education decline linearly, as in `parts`. Only documents with a sign of fit are scored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.parts import ABLE, LINKED, LIVES_FAR_KM, LIVES_NEAR_KM, NEUTRAL_FIT, VECTOR_SHARE
from matcher.weights import STATED
from roost.text.skill_names import one_name
from roost.text.tokens import folded

Json = dict[str, Any]

NEIGHBOURS, CANDIDATES = 100, 120
"""Nearest vectors that are found, and examined per segment."""
SKILLS_SEARCHED, PER_SKILL = 16, 8
"""Skills whose own nearest openings are searched, and how many each, without wanted occupations."""
EACH_SKILL = 0.1
"""Weight of the likeness of one skill, added to that of all."""
WORDS = 0.02
"""Weight of BM25, added to the likeness of vectors."""
MOST_TERMS = 24
"""Most tokens and most skills in one search."""
EACH_MATCHED = 0.2
"""Share of the skills part for each matched skill of a worker: the number asked is unknown."""
BEYOND = 200.0
"""Amount over a requirement that is certainly enough, in years or levels."""


def of_workers(opening: OpeningFeatures, filters: Sequence[Json]) -> Json:
    """Return the scoring clause on the view `profiles` for an opening."""
    titles = [folded(opening.title_words)] if opening.title_words else []
    vectors = [opening.vector, opening.title_vector]
    fit = [
        *_same("wanted", titles, 1.0),
        *_same("wanted", opening.occupations, LINKED),
        *_same("occupations", opening.occupations, ABLE),
        *_meaning(vectors, opening.title_terms, filters),
        _neutral(),
    ]
    needs = [
        *_enough("experience", opening.experience, STATED.experience),
        *_enough("education", opening.education, STATED.education),
    ]
    forms = skill_forms(opening.skills)
    share = STATED.skills / len(forms) if forms else 0.0
    skills = [_matched(each, share) for each in forms] + [{"weight": 1 - share * len(forms)}]
    return _product(fit, _circumstances(opening.point, _wage_for(opening)), _needs(needs), skills)


def of_openings(worker: WorkerFeatures, filters: Sequence[Json]) -> Json:
    """Return the scoring clause on the view `openings` for a worker."""
    fit = [
        *_same("title", [folded(each) for each in worker.wanted_words], 1.0),
        *_same("occupations", worker.occupations, LINKED),
        *_same("occupations", worker.abilities, ABLE),
    ]
    if worker.wanted_words:
        wanted = {token: weight for each in worker.wanted for token, weight in each.items()}
        fit += _meaning([*worker.wish_vectors, worker.vector], wanted, filters)
    else:
        fit += _meaning([worker.vector], worker.skill_words, filters, worker.skill_vectors)
    needs = [
        *_met("experience", worker.experience, STATED.experience),
        *_met("education", worker.education, STATED.education),
    ]
    none_asked = {"bool": {"must_not": [{"exists": {"field": "skills"}}]}}
    skills = [
        *(_matched(each, EACH_MATCHED) for each in skill_forms(worker.skills)),
        {"filter": none_asked, "weight": STATED.skills},
        {"weight": 1 - STATED.skills},
    ]
    return _product(fit, _circumstances(worker.point, _wage_of(worker)), _needs(needs), skills)


def skill_forms(skills: Sequence[str]) -> list[list[str]]:
    """Return for each skill its forms in keyword fields; two names of one skill count once."""
    forms: dict[str, list[str]] = {}
    for skill in skills:
        meant = one_name(skill)
        forms.setdefault(meant, [meant])
        if skill not in forms[meant]:
            forms[meant].append(skill)
    return list(forms.values())[:MOST_TERMS]


def words(weights: Mapping[str, float], boost: float) -> Json | None:
    """Return the BM25 clause of the most telling tokens; None without one."""
    telling = sorted(weights, key=lambda token: (-weights[token], token))[:MOST_TERMS]
    return {"match": {"words": {"query": " ".join(telling), "boost": boost}}} if telling else None


def _meaning(
    vectors: Sequence[str],
    weights: Mapping[str, float],
    filters: Sequence[Json],
    skill_vectors: Sequence[str] = (),
) -> list[Json]:
    """Return the likeness by the nearest of the vectors, by each skill's vector and by words."""
    wholes = list(dict.fromkeys(filter(None, vectors)))
    if not wholes:
        return []
    nearest = [_nearest(each, NEIGHBOURS, VECTOR_SHARE, filters) for each in wholes]
    should: list[Json] = [{"dis_max": {"queries": nearest}}]
    if len(skill_vectors) > 1:
        each = list(filter(None, skill_vectors))[:SKILLS_SEARCHED]
        should += [_nearest(vector, PER_SKILL, EACH_SKILL, filters) for vector in each]
    if shared := words(weights, WORDS):
        should.append(shared)
    return [{"bool": {"should": should}}]


def _nearest(vector: str, k: int, boost: float, filters: Sequence[Json]) -> Json:
    examined = max(k, CANDIDATES)
    found = {"field": "vector", "query_vector": vector, "k": k, "num_candidates": examined}
    return {"knn": found | {"boost": boost, "filter": list(filters)}}


def _same(field: str, values: Sequence[str], score: float) -> list[Json]:
    if not values:
        return []
    return [{"constant_score": {"filter": {"terms": {field: list(values)}}, "boost": score}}]


def _neutral() -> Json:
    """Return the clause for profiles without any text, so that new ones are not starved."""
    nothing = {"bool": {"must_not": [{"exists": {"field": "vector"}}]}}
    return {"constant_score": {"filter": nothing, "boost": NEUTRAL_FIT}}


def _circumstances(point: Sequence[float] | None, wage: Sequence[Json]) -> list[Json]:
    """Return the functions of distance and wage; half of the comfort, which is not searched."""
    rest = 1 - STATED.wage - STATED.nearness - STATED.comfort / 2
    return [*_nearness(point), *wage, {"weight": rest}]


def _needs(functions: Sequence[Json]) -> list[Json]:
    return [*functions, {"weight": 1 - STATED.experience - STATED.education}]


def _nearness(point: Sequence[float] | None) -> list[Json]:
    if point is None:
        return []
    latitude, longitude = point
    near = {
        "origin": {"lat": latitude, "lon": longitude},
        "offset": f"{LIVES_NEAR_KM}km",
        "scale": f"{(LIVES_FAR_KM - LIVES_NEAR_KM) / 2}km",
        "decay": 0.5,
    }
    return [{"linear": {"location": near}, "weight": STATED.nearness}]


def _wage_for(opening: OpeningFeatures) -> list[Json]:
    """Return the functions of the wage that workers wish: half of the weight without a wish."""
    if not opening.wage_low or not opening.wage_high:
        return []
    offered = (opening.wage_low + opening.wage_high) / 2
    wished = {"range": {"wage_floor": {"gt": 0}}}
    declining = _linear("wage_floor", 0, offered / 1.25, offered * 0.6)
    return [
        {"filter": wished, "weight": STATED.wage} | declining,
        {"filter": {"bool": {"must_not": [wished]}}, "weight": STATED.wage / 2},
    ]


def _wage_of(worker: WorkerFeatures) -> list[Json]:
    """Return the function of the offered wage: 0 at half of the wish, 1 at a quarter more."""
    if not worker.wage_floor:
        return []
    enough = worker.wage_floor * 1.25
    rising = _linear("wage_middle", 100 * enough, 99 * enough, worker.wage_floor * 0.375)
    stated = {"exists": {"field": "wage_middle"}}
    return [{"filter": stated, "weight": STATED.wage} | rising]


def _enough(field: str, required: float, weight: float) -> list[Json]:
    """Return the function of what a worker has: 0 at nothing, 1 from the requirement on."""
    if not required:
        return [{"weight": weight}]
    return [_linear(field, required + BEYOND, BEYOND, required / 2) | {"weight": weight}]


def _met(field: str, has: float, weight: float) -> list[Json]:
    """Return the function of what openings require: 1 up to what the worker has, then less."""
    return [_linear(field, 0, has, max(has, 0.5)) | {"weight": weight}]


def _linear(field: str, origin: float, offset: float, half: float) -> Json:
    """Return a function that is 1 within `offset` of `origin`, then falls to .5 after `half`."""
    return {"linear": {field: {"origin": origin, "offset": offset, "scale": half, "decay": 0.5}}}


def _matched(forms: Sequence[str], weight: float) -> Json:
    return {"filter": {"terms": {"skills": list(forms)}}, "weight": weight}


def _product(fit: Sequence[Json], *factors: Sequence[Json]) -> Json:
    """Return a clause whose score is the best fit times the sum of each factor's functions."""
    scored: Json = {"dis_max": {"queries": list(fit)}}
    for functions in factors:
        multiplied = {"score_mode": "sum", "boost_mode": "multiply", "max_boost": 1.0}
        scored = {"function_score": {"query": scored, "functions": list(functions)} | multiplied}
    return scored
