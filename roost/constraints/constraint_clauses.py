"""Hard constraints of an opening as search clauses for the view `profiles`, by obstacle.

They select the same workers as `matcher.eligibility`, or slightly more, since a worker's radius is
a set of cells (see `roost.places.cells`).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from roost.constraints.needs import ANY_CURRENCY, Asking, begins, country
from roost.places.cells import cells_at

Json = dict[str, Any]
ACTIVE: Json = {"term": {"active": True}}
"""Clause for workers who can be matched."""


def for_workers(opening: Asking, today: date) -> dict[str, list[Json]]:
    """Return the clauses that workers must meet, by obstacle; only those this opening needs."""
    found: dict[str, list[Json]] = {"place": [_willing(opening)]}
    if opening.currency != ANY_CURRENCY:
        found["currency"] = [_terms("currency", [opening.currency, ANY_CURRENCY])]
    if opening.wage_high is not None:
        found["wage"] = [{"range": {"wage_floor": {"lte": opening.wage_high}}}]
    found["availability"] = [{"range": {"available_from": {"lte": begins(opening, today)}}}]
    if opening.licences:
        found["licence"] = [_term("licences", licence) for licence in opening.licences]
    if opening.shifts:
        found["shift"] = [_any(_terms("shifts", opening.shifts), _term("any_shift", True))]
    if not opening.lodging:
        near = _within("commute_reach", opening)
        found["lodging"] = [_any(_term("needs_lodging", False), *near)]
    return found


def _willing(opening: Asking) -> Json:
    """Return the clause for workers willing to work at the opening's place."""
    near_home = _any(_terms("home", opening.places), *_within("home_reach", opening))
    return _any(
        _terms("willing", opening.places),
        {"bool": {"filter": [_term("anywhere", True), _term("country", country(opening.places))]}},
        {"bool": {"filter": [_term("near_home_only", True), near_home]}},
        *_within("reach", opening),
    )


def _within(field: str, opening: Asking) -> list[Json]:
    """Return the clause for workers whose circle in `field` contains the opening, if it has one."""
    return [_terms(field, cells_at(opening.point))] if opening.point else []


def _term(field: str, value: Any) -> Json:
    return {"term": {field: value}}


def _terms(field: str, values: Any) -> Json:
    return {"terms": {field: list(values)}}


def _any(*choices: Json) -> Json:
    return {"bool": {"should": list(choices), "minimum_should_match": 1}}
