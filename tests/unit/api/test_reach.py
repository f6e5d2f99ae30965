"""Preview of an opening's reach: the matcher's clauses, and no small numbers."""

from __future__ import annotations

from datetime import date
from typing import Any

from api.openings.reach import reach_from, reach_query
from matcher import queries
from matcher.features import OpeningFeatures
from producers import simulator
from roost.constraints.constraint_clauses import for_workers
from roost.constraints.needs import needs_of
from roost.places.gazetteer import gazetteer
from tests.unit.streams.test_capacity import opening

TODAY = date(2026, 11, 23)


def test_the_preview_uses_the_filters_of_the_matchers_search() -> None:
    work: OpeningFeatures = opening()
    filters = queries.workers_for(work, TODAY, 10)["query"]["bool"]["filter"]
    asked = reach_query(work, TODAY)
    assert filters == [{"term": {"active": True}}, *asked["reached"]["filter"]["bool"]["filter"]]


def test_every_demand_counts_those_who_fail_it_and_those_who_fail_only_it() -> None:
    content = next(simulator.openings(1))
    wanted = needs_of(content, gazetteer())
    demands = for_workers(wanted, TODAY)
    asked = reach_query(wanted, TODAY)
    assert set(asked) == {"reached", *demands}
    wage = asked["wage"]
    assert wage["filter"]["bool"]["must_not"] == [{"bool": {"filter": demands["wage"]}}]
    others = wage["aggs"]["alone"]["filter"]["bool"]["filter"]
    assert all(clause not in others for clause in demands["wage"])
    assert all(clause in others for clause in demands["place"])


def test_the_demand_that_gains_most_comes_first_and_small_numbers_are_hidden() -> None:
    def found(excluded: int, alone: int) -> dict[str, Any]:
        return {"doc_count": excluded, "alone": {"doc_count": alone}}

    answered = {
        "reached": {"doc_count": 3},
        "place": found(80, 2),
        "wage": found(40, 30),
        "availability": found(0, 0),
    }
    seen = reach_from(100, answered)
    assert (seen.workers, seen.reached) == (100, 5)
    assert [(each.constraint, each.would_gain) for each in seen.excluded] == [
        ("wage", 30),
        ("place", 5),
    ]
    assert reach_from(0, {"reached": {"doc_count": 0}}).reached == 0
