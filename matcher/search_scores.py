"""Scores of the searches for candidates, which approximate the full score (`parts`).

The score of a document is a product, a geometric instead of a harmonic mean of both sides:

    fit × circumstances of the worker × requirements of the employer × skills

Each factor is a clause of Elasticsearch that needs no script. Fit is the best of: an equal title, a
common occupation, the nearest vectors with the words of both. Wages, distance, experience and
education decline linearly, as in `parts`. Only documents with a sign of fit are scored; of a worker
without any text, all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.parts import ABLE, LINKED, LIVES_FAR_KM, LIVES_NEAR_KM, NEUTRAL_FIT, VECTOR_SHARE
from matcher.weights import STATED
from matcher.word_weights import skill_weight
from roost.constraints.needs import COMMUTE_KM, NEAR_HOME_KM
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
MOST_ASKED = 4
"""Number of required skills from which a matched one counts no less."""
SKILLED, SKILLED_SHARE = 0.9, 1.1
"""Fit of a worker without wishes by one equal skill or occupation, and factor of the likeness."""
LEAST_TELLING = 0.65
"""Least weight of a skill that alone is a sign of fit; that of a generic ability is about .4."""
EACH_COMFORT = 0.3 * STATED.comfort
"""Weight of lodging and of meals."""
WISHLESS: Sequence[Json] = ({"bool": {"must_not": [{"exists": {"field": "wanted"}}]}},)
LODGING: Json = {"term": {"lodging": True}}
MEALS: Json = {"term": {"meals": True}}
BEYOND = 200.0
"""Amount over a requirement that is certainly enough, in years or levels."""


def of_workers(opening: OpeningFeatures, filters: Sequence[Json]) -> Json:
    """Return the scoring clause on the view `profiles` for an opening."""
    titles = [folded(opening.title_words)] if opening.title_words else []
    terms = opening.title_terms
    forms = skill_forms(opening.skills)
    fit = [
        *_same("wanted", titles, 1.0),
        *_same("wanted", opening.occupations, LINKED),
        *_same("occupations", opening.occupations, ABLE),
        *_same("occupations", opening.occupations, SKILLED, WISHLESS),
        *_same("skills", _telling(opening.skills), SKILLED, WISHLESS),
        *_meaning([opening.title_vector], terms, filters, VECTOR_SHARE),
        *_meaning([opening.vector], terms, [*filters, *WISHLESS], SKILLED_SHARE),
        _neutral(),
    ]
    needs = [
        *_enough("experience", opening.experience, STATED.experience),
        *_enough("education", opening.education, STATED.education),
    ]
    share = STATED.skills / len(forms) if forms else 0.0
    skills = [_matched(each, share) for each in forms] + [{"weight": 1 - share * len(forms)}]
    home = [{"terms": {"home": list(opening.places)}}] if opening.places else []
    others = [*_wage_for(opening), *_at_home(opening.point)]
    near = _circumstances(opening.point, home, others)
    return _product(fit, near, _needs(needs), skills)


def of_openings(worker: WorkerFeatures, filters: Sequence[Json]) -> Json:
    """Return the scoring clause on the view `openings` for a worker."""
    forms = skill_forms(worker.skills)
    if worker.wanted_words:
        wanted = {token: weight for each in worker.wanted for token, weight in each.items()}
        vectors = [*worker.wish_vectors, worker.vector]
        fit = [
            *_same("title", [folded(each) for each in worker.wanted_words], 1.0),
            *_same("occupations", worker.occupations, LINKED),
            *_same("occupations", worker.abilities, ABLE),
            *_meaning(vectors, wanted, filters, VECTOR_SHARE),
        ]
    else:
        terms, each = worker.skill_words, worker.skill_vectors
        fit = [
            *_same("occupations", worker.abilities, SKILLED),
            *_same("skills", _telling(worker.skills), SKILLED),
            *_meaning([worker.vector], terms, filters, SKILLED_SHARE, each),
        ] or [_constant({"match_all": {}}, NEUTRAL_FIT)]
    needs = [
        *_met("experience", worker.experience, STATED.experience),
        *_met("education", worker.education, STATED.education),
    ]
    none_asked = {"bool": {"must_not": [{"exists": {"field": "skills"}}]}}
    skills = [
        *(function for each in forms[:SKILLS_SEARCHED] for function in _shared(each)),
        {"filter": none_asked, "weight": STATED.skills},
        {"weight": 1 - STATED.skills},
    ]
    comfort = [*_at_home(worker.point, LODGING), {"filter": MEALS, "weight": EACH_COMFORT}]
    home: list[Json] = [{"terms": {"places": list(worker.home[:1])}}] if worker.home else []
    if worker.home_point is not None:
        home.append(_within(worker.home_point, NEAR_HOME_KM))
    near = _circumstances(worker.point, home, [*_wage_of(worker), *comfort])
    return _product(fit, near, _needs(needs), skills)


def skill_forms(skills: Sequence[str]) -> list[list[str]]:
    """Return for each skill its forms in keyword fields; two names of one skill count once."""
    forms: dict[str, list[str]] = {}
    for skill in skills:
        meant = one_name(skill)
        forms.setdefault(meant, [meant])
        if skill not in forms[meant]:
            forms[meant].append(skill)
    return list(forms.values())[:MOST_TERMS]


def _telling(skills: Sequence[str]) -> list[str]:
    """Return the forms of the skills that few kinds of work ask for."""
    some = [each for each in skills if skill_weight(each) >= LEAST_TELLING]
    return [form for forms in skill_forms(some) for form in forms]


def words(weights: Mapping[str, float], boost: float) -> Json | None:
    """Return the BM25 clause of the most telling tokens; None without one."""
    telling = sorted(weights, key=lambda token: (-weights[token], token))[:MOST_TERMS]
    return {"match": {"words": {"query": " ".join(telling), "boost": boost}}} if telling else None


def _meaning(
    vectors: Sequence[str],
    weights: Mapping[str, float],
    filters: Sequence[Json],
    boost: float,
    skill_vectors: Sequence[str] = (),
) -> list[Json]:
    """Return the likeness by the nearest of the vectors, by each skill's vector and by words."""
    wholes = list(dict.fromkeys(filter(None, vectors)))
    if not wholes:
        return []
    nearest = [_nearest(each, NEIGHBOURS, boost, filters) for each in wholes]
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


def _same(
    field: str, values: Sequence[str], score: float, filters: Sequence[Json] = ()
) -> list[Json]:
    """Return a clause with a fixed score for documents with one of the values, if any."""
    if not values:
        return []
    both = {"bool": {"filter": [{"terms": {field: list(values)}}, *filters]}}
    return [_constant(both, score)]


def _neutral() -> Json:
    """Return the clause for profiles without any text, so that new ones are not starved."""
    nothing = {"bool": {"must_not": [{"exists": {"field": "vector"}}]}}
    return _constant(nothing, NEUTRAL_FIT)


def _constant(filter: Json, score: float) -> Json:
    return {"constant_score": {"filter": filter, "boost": score}}


def _circumstances(
    point: Sequence[float] | None, home: Sequence[Json], others: Sequence[Json]
) -> list[Json]:
    """Return the functions of distance and the others; further comfort is not searched."""
    rest = 1 - STATED.wage - STATED.nearness - 2 * EACH_COMFORT
    return [*_nearness(point, home), *others, {"weight": rest}]


def _needs(functions: Sequence[Json]) -> list[Json]:
    return [*functions, {"weight": 1 - STATED.experience - STATED.education}]


def _nearness(point: Sequence[float] | None, home: Sequence[Json]) -> list[Json]:
    """Return the functions of distance: full for work near home, which one of `home` selects."""
    at_home = {"bool": {"should": list(home), "minimum_should_match": 1}}
    full: list[Json] = [{"filter": at_home, "weight": STATED.nearness}] if home else []
    if point is None:
        return full
    latitude, longitude = point
    near = {
        "origin": {"lat": latitude, "lon": longitude},
        "offset": f"{LIVES_NEAR_KM}km",
        "scale": f"{(LIVES_FAR_KM - LIVES_NEAR_KM) / 2}km",
        "decay": 0.5,
    }
    away: Json = {"filter": {"bool": {"must_not": [at_home]}}} if home else {}
    return [*full, away | {"linear": {"location": near}, "weight": STATED.nearness}]


def _at_home(point: Sequence[float] | None, *others: Json) -> list[Json]:
    """Return the function of those near enough to live at home, or of any of the others."""
    near: list[Json] = list(others)
    if point is not None:
        near.append(_within(point, COMMUTE_KM))
    if not near:
        return []
    some = {"bool": {"should": near, "minimum_should_match": 1}}
    return [{"filter": some, "weight": EACH_COMFORT}]


def _within(point: Sequence[float], radius_km: float) -> Json:
    where = {"lat": point[0], "lon": point[1]}
    return {"geo_distance": {"distance": f"{radius_km}km", "location": where}}


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


def _shared(forms: Sequence[str]) -> list[Json]:
    """Return the functions of a worker's skill, by the number of skills that openings ask for."""
    equal = {"terms": {"skills": list(forms)}}
    counts: list[Json] = [{"term": {"skill_count": count}} for count in range(1, MOST_ASKED)]
    counts.append({"range": {"skill_count": {"gte": MOST_ASKED}}})
    return [
        {"filter": {"bool": {"filter": [equal, asked]}}, "weight": STATED.skills / at}
        for at, asked in enumerate(counts, start=1)
    ]


def _matched(forms: Sequence[str], weight: float) -> Json:
    return {"filter": {"terms": {"skills": list(forms)}}, "weight": weight}


def _product(fit: Sequence[Json], *factors: Sequence[Json]) -> Json:
    """Return a clause whose score is the best fit times the sum of each factor's functions."""
    scored: Json = {"dis_max": {"queries": list(fit)}}
    for functions in factors:
        multiplied = {"score_mode": "sum", "boost_mode": "multiply", "max_boost": 1.0}
        scored = {"function_score": {"query": scored, "functions": list(functions)} | multiplied}
    return scored
