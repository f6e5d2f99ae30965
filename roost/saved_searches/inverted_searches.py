"""The saved searches that an opening meets: fields of the view `saved-searches`, and the query.

A search is a conjunction, so it is stored as one field for each kind of condition, with `ANY` where
it states none. The search for an opening then asks, for each field, for `ANY` or a value of the
opening: ordinary clauses on indexed fields, exact for places, occupations, shifts, employers,
lodging and wages. Two kinds are only approximated, and compared afterwards (`search_comparison`):
circles, which are sets of cells, and words, of which the longest has its beginning in `anchors`.

Source: the percolator of Elasticsearch selects its candidates in the same way, by terms that it
extracts from stored queries; the node that `roost up` starts has no such module.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from roost.constraints.needs import NEAR_HOME_KM
from roost.events.saved_search import SavedSearch
from roost.places.cells import cells_around, cells_at
from roost.saved_searches.search_clauses import SUBJECTS, reach_km
from roost.text.search_terms import compact, sought_in_text
from roost.text.tokens import tokens
from roost.text.word_clauses import words_of

Json = dict[str, Any]
ANY = "*"
"""Value of a field for a search without such a condition; no value of an opening is equal to it."""
MARK = 3
"""Characters of a term's mark: subject, form and place in the text."""
ANCHOR = 8
"""Most characters of an anchor, its mark left out: a beginning of a term."""
TOKEN = "w "
"""Mark of an anchor that is a token of the opening's text."""


def fields_of(search: SavedSearch) -> Json:
    """Return the indexed fields of a search."""
    return {
        "anchors": anchors_of(search),
        "counts_from": search.counts_from.isoformat(),
        "created_at": search.created_at.isoformat(),
        "circle": _circle(search),
        "compared": bool(search.words or search.within_km or search.near_home),
        "employer": search.employer or ANY,
        "home": _homes(search),
        "lodging": search.lodging,
        "notice": search.notice.value,
        "occupation": search.occupation or ANY,
        "paused": search.paused,
        "place": search.place or ANY,
        "shift": search.shift.value if search.shift else ANY,
        "wage": search.wage or 0.0,
        "worker_id": search.worker_id,
    }


def anchors_of(search: SavedSearch) -> list[str]:
    """Return the beginnings of terms, of which an opening has one if it has the longest word."""
    words = words_of(search.words)
    if not words:
        return [ANY]
    longest = max(words, key=lambda word: (len(compact(word)), word))
    found = {
        each.term[: MARK + ANCHOR]
        for subject in SUBJECTS
        for each in sought_in_text(subject, longest)
    }
    parts = tokens(longest)
    if parts:
        found.add(TOKEN + max(parts, key=lambda part: (len(part), part)))
    return sorted(found)


def _circle(search: SavedSearch) -> list[str]:
    if search.within_km is None or search.centre is None:
        return [ANY]
    centre = (search.centre.latitude, search.centre.longitude)
    return cells_around(centre, reach_km(search.within_km))


def _homes(search: SavedSearch) -> list[str]:
    """Return the places and cells near the home, of which an opening has one."""
    if not search.near_home:
        return [ANY]
    found = [search.home] if search.home else []
    if search.home_centre is not None:
        centre = (search.home_centre.latitude, search.home_centre.longitude)
        found += cells_around(centre, reach_km(NEAR_HOME_KM))
    return found


def searches_meeting(opening: Mapping[str, Any]) -> list[Json]:
    """Return the clauses of the searches that an opening may meet, by its document in the view.

    Searches that are paused, or count openings from a later moment on, are left out.
    """
    places = list(opening.get("places") or ())
    cells = _cells(opening.get("location"))
    wage = opening.get("wage_high")
    clauses: list[Json] = [
        {"term": {"paused": False}},
        {"range": {"counts_from": {"lte": opening["posted_at"]}}},
        _any_or("place", places),
        _any_or("occupation", opening.get("occupations") or ()),
        _any_or("shift", opening.get("shifts") or ()),
        _any_or("employer", [opening["employer_id"]] if opening.get("employer_id") else ()),
        _any_or("circle", cells),
        _any_or("home", [*places, *cells]),
        _any_or("anchors", keys_of(opening)),
        {"range": {"wage": {"lte": 0.0 if wage is None else wage}}},
    ]
    if not opening.get("lodging"):
        clauses.append({"term": {"lodging": False}})
    return clauses


def keys_of(opening: Mapping[str, Any]) -> list[str]:
    """Return the anchors that a search with one of the opening's words may have."""
    found = {
        term[:end]
        for term in opening.get("sought") or ()
        if len(term) > MARK and term[0] in SUBJECTS
        for end in range(MARK + 1, min(len(term), MARK + ANCHOR) + 1)
    }
    return sorted(found | {TOKEN + each for each in str(opening.get("words") or "").split()})


def is_current(opening: Mapping[str, Any], version: int, today: int) -> bool:
    """Return whether an opening's document is of this version, and workers may be told of it."""
    return bool(
        not opening.get("erased")
        and opening["version"] <= version
        and opening.get("active")
        and opening.get("last_day", 0) >= today
    )


def counts(search: SavedSearch, posted_at: datetime) -> bool:
    """Return whether an opening posted at that time is new to a search that is not paused."""
    return not search.paused and search.counts_from <= posted_at


def _any_or(field: str, values: Iterable[str]) -> Json:
    return {"terms": {field: [ANY, *values]}}


def _cells(location: Any) -> list[str]:
    return cells_at((location["lat"], location["lon"])) if location else []
