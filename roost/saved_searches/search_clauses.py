"""The openings that a saved search finds: clauses of the view `openings`. Pure."""

from __future__ import annotations

from datetime import date
from typing import Any

from roost.constraints.needs import NEAR_HOME_KM
from roost.events.saved_search import Centre, SavedSearch
from roost.text.search_terms import Subject
from roost.text.word_clauses import word_clauses

Json = dict[str, Any]
SUBJECTS = (Subject.TITLE, Subject.EMPLOYER)
"""Texts of an opening whose parts a word may be."""


def published(today: date) -> list[Json]:
    """Return the clauses of openings that workers may be told of: open, approved, not over."""
    return [
        {"term": {"active": True}},
        {"range": {"last_day": {"gte": today.toordinal()}}},
    ]


def clauses_of(search: SavedSearch) -> list[Json]:
    """Return the clauses of the conditions; all of them hold for an opening that is found."""
    found = [
        *_equal("places", search.place),
        *_equal("occupations", search.occupation),
        *_equal("shifts", search.shift.value if search.shift else None),
        *_equal("employer_id", search.employer),
        *_equal("lodging", True if search.lodging else None),
        *word_clauses(search.words, SUBJECTS),
    ]
    if search.wage is not None:
        found.append({"range": {"wage_high": {"gte": search.wage}}})
    if search.within_km is not None and search.centre is not None:
        found.append(_within(search.centre, search.within_km))
    if search.near_home:
        found.append(_near_home(search))
    return found


def _equal(field: str, value: str | bool | None) -> list[Json]:
    return [] if value is None else [{"term": {field: value}}]


def reach_km(radius_km: float) -> float:
    """Return a radius with half a kilometre for rounding, as in manual matching."""
    return radius_km * 1.005 + 0.5


def _within(centre: Centre, radius_km: float) -> Json:
    return {
        "geo_distance": {
            "distance": f"{reach_km(radius_km)}km",
            "location": {"lat": centre.latitude, "lon": centre.longitude},
        }
    }


def _near_home(search: SavedSearch) -> Json:
    ways = _equal("places", search.home)
    if search.home_centre is not None:
        ways.append(_within(search.home_centre, NEAR_HOME_KM))
    return {"bool": {"should": ways or [{"terms": {"id": []}}], "minimum_should_match": 1}}
