"""Comparison of a saved search with an opening: exact for every kind of condition. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roost.constraints.needs import NEAR_HOME_KM
from roost.events.saved_search import Centre, SavedSearch
from roost.places.gazetteer import distance_km
from roost.saved_searches.search_clauses import SUBJECTS, reach_km
from roost.text.search_terms import sought_in_text
from roost.text.tokens import tokens
from roost.text.word_clauses import words_of


def meets(opening: Mapping[str, Any], search: SavedSearch) -> bool:
    """Return whether an opening, by its document in the view, meets all conditions of a search."""
    wage = opening.get("wage_high")
    return (
        _has(opening.get("places"), search.place)
        and _has(opening.get("occupations"), search.occupation)
        and _has(opening.get("shifts"), search.shift.value if search.shift else None)
        and search.employer in (None, opening.get("employer_id"))
        and (not search.lodging or bool(opening.get("lodging")))
        and (search.wage is None or (wage is not None and wage >= search.wage))
        and _is_within(opening, search)
        and _is_near_home(opening, search)
        and _has_words(opening, search.words)
    )


def _has(values: Any, wanted: str | None) -> bool:
    return wanted is None or wanted in (values or ())


def _is_within(opening: Mapping[str, Any], search: SavedSearch) -> bool:
    if search.within_km is None:
        return True
    return _reaches(opening.get("location"), search.centre, search.within_km)


def _is_near_home(opening: Mapping[str, Any], search: SavedSearch) -> bool:
    if not search.near_home:
        return True
    at_home = search.home is not None and _has(opening.get("places"), search.home)
    return at_home or _reaches(opening.get("location"), search.home_centre, NEAR_HOME_KM)


def _reaches(location: Any, centre: Centre | None, radius_km: float) -> bool:
    if not location or centre is None:
        return False
    away = distance_km(centre.latitude, centre.longitude, location["lat"], location["lon"])
    return away <= reach_km(radius_km)


def _has_words(opening: Mapping[str, Any], typed: str | None) -> bool:
    terms = opening.get("sought") or ()
    present = frozenset(str(opening.get("words") or "").split())
    return all(_has_word(terms, present, word) for word in words_of(typed))


def _has_word(terms: Any, present: frozenset[str], word: str) -> bool:
    sought = [each.term for subject in SUBJECTS for each in sought_in_text(subject, word)]
    if sought and any(term.startswith(tuple(sought)) for term in terms):
        return True
    parts = tokens(word)
    return bool(parts) and present.issuperset(parts)
