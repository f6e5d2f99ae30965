"""The order of searches approximates the score, by fields that the views have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from matcher import queries, search_scores
from roost.views.mappings import VIEWS
from tests.unit.matcher.builders import TODAY, Builder

KINDS = ("terms", "term", "range", "match", "linear", "geo_distance")


def fields(clause: Any) -> Iterator[str]:
    """Yield the fields that a clause reads."""
    if isinstance(clause, list):
        for each in clause:
            yield from fields(each)
    if not isinstance(clause, dict):
        return
    for kind, body in clause.items():
        if kind in KINDS:
            yield from (name for name in body if name not in ("distance", "boost"))
        elif kind in ("exists", "knn"):
            yield body["field"]
        yield from fields(body)


def faults(clause: Any) -> Iterator[str]:
    """Yield what Elasticsearch refuses in a clause: an empty list, a scale or an offset."""
    if isinstance(clause, list):
        if not clause:
            yield "empty list"
        for each in clause:
            yield from faults(each)
    if not isinstance(clause, dict):
        return
    for name, body in clause.items():
        if (name == "scale" and _number(body) <= 0) or (name == "offset" and _number(body) < 0):
            yield f"{name} {body}"
        yield from (f"{name}: {each}" for each in faults(body))


def _number(value: Any) -> float:
    return float(str(value).removesuffix("km"))


WORKER_TEXTS: dict[str, Any] = {
    "occupationsWanted": [],
    "skills": [],
    "summary": "",
    "licences": [],
    "willing": {},
    "wageWanted": None,
    "experienceYears": 0,
    "education": "none",
    "home": {"name": "火星基地"},
}
OPENING_TEXTS: dict[str, Any] = {
    "skills": [],
    "licencesRequired": [],
    "baseSalary": None,
    "experienceRequirements": 0,
    "educationRequirements": "none",
    "description": "",
}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.sets(st.sampled_from(sorted(WORKER_TEXTS))), st.sets(st.sampled_from(sorted(OPENING_TEXTS)))
)
@example(set(WORKER_TEXTS), set(OPENING_TEXTS))
def test_whatever_is_left_out_the_search_is_one_that_elasticsearch_takes(
    make: Builder, no_worker: set[str], no_opening: set[str]
) -> None:
    worker = make.worker(**{name: WORKER_TEXTS[name] for name in no_worker})
    opening = make.opening(**{name: OPENING_TEXTS[name] for name in no_opening})
    assert list(faults(queries.openings_for(worker, TODAY, 10)["query"])) == []
    assert list(faults(queries.workers_for(opening, TODAY, 10)["query"])) == []


def fit_of(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the clauses of which the best one is a document's fit."""
    (scored,) = body["query"]["bool"]["must"]
    while "function_score" in scored:
        scored = scored["function_score"]["query"]
    return list(scored["dis_max"]["queries"])


def test_the_order_reads_only_fields_of_the_view(make: Builder) -> None:
    opening = make.opening(experienceRequirements=3, educationRequirements="college")
    skilled = make.worker(
        occupationsWanted=[], skills=["焊接", "识图"], wageWanted={"minValue": 5000}
    )
    searches = {
        "profiles": queries.workers_for(opening, TODAY, 10),
        "openings": queries.openings_for(skilled, TODAY, 10),
    }
    for view, body in searches.items():
        known = VIEWS[view]["mappings"]["properties"]
        read = set(fields(body["query"]))
        assert read <= known.keys() | {"filter"}, read - known.keys()
        assert {"experience", "education", "location", "vector", "words"} <= read


def test_an_equal_title_is_a_better_sign_than_an_occupation_and_a_skill(make: Builder) -> None:
    fit = fit_of(queries.workers_for(make.opening(), TODAY, 10))
    fixed = [each["constant_score"]["boost"] for each in fit if "constant_score" in each]
    assert fixed[0] == 1.0
    assert fixed[0] > max(fixed[1:])


def test_a_generic_ability_alone_is_no_sign_of_fit(make: Builder) -> None:
    worker = make.worker(occupationsWanted=[], skills=["沟通能力", "办公软件", "氩弧焊"])
    signs = [
        value
        for each in fit_of(queries.openings_for(worker, TODAY, 10))
        for term in each.get("constant_score", {})
        .get("filter", {})
        .get("bool", {})
        .get("filter", [])
        for value in term.get("terms", {}).get("skills", [])
    ]
    assert "氩弧焊" in signs
    assert not {"沟通能力", "办公软件"} & set(signs)


def test_a_matched_skill_counts_by_the_number_that_an_opening_asks_for() -> None:
    functions = search_scores._shared(["焊接"])
    weights = [each["weight"] for each in functions]
    assert weights == sorted(weights, reverse=True)
    assert weights[0] == 4 * weights[-1]
