"""Places by name as errors say it: a division, or an error with the candidates' full names."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz, process

from roost.errors import FieldError, Invalid
from roost.places import new_york
from roost.places.gazetteer import Division, gazetteer
from roost.places.place_folding import fold_place
from roost.places.resolutions import (
    Anywhere,
    Candidates,
    PlaceContext,
    Resolution,
    Resolved,
    Unknown,
    UnknownReason,
)
from roost.places.resolving import known_names, resolve

MOST_OFFERED = 6
MOST_CANDIDATES = 20
"""Places of one name that an error holds the keys of."""
LEAST_ALIKE = 50
"""Similarity, of 100, below which a name is not offered."""


class UnknownPlace(Invalid):
    """No place has that name; the message offers the nearest names."""


class AmbiguousPlace(Invalid):
    """Several places have that name; the message lists their full names."""


def find_place(text: str, context: PlaceContext | None = None) -> Division:
    """Return the division that a key, a name or an address names.

    Raises UnknownPlace or AmbiguousPlace, each with full names to choose from.
    """
    found = resolve(text, context)
    if isinstance(found, Resolved):
        return found.place
    raise refusal(text, found)


def refusal(text: str, found: Resolution) -> UnknownPlace | AmbiguousPlace:
    """Return the error for a text that does not name exactly one place."""
    match found:
        case Candidates(places):
            return ambiguous(text, places)
        case Anywhere():
            return _unknown(
                f"{text[:60]!r} is not one place; name a place, or leave the field empty.",
                f"“{text[:60]}”不是一个具体地点，请填写具体地点或留空。",
            )
        case Unknown(UnknownReason.NEEDS_RESIDENCE):
            return _unknown(
                f"{text[:60]!r} needs a place of residence; name the province or city instead.",
                f"“{text[:60]}”需结合现居住地判断，请填写具体的省份或城市。",
            )
        case _:
            return _not_found(text)


def borough_of(address: str) -> str:
    """Return the key of the borough in a New York address; the city's key if it names none.

    Raises AmbiguousPlace if it may be in several boroughs.
    """
    boroughs = tuple(dict.fromkeys(map(new_york.borough, new_york.places_in(address))))
    if len(boroughs) > 1:
        raise ambiguous(address, [gazetteer()[key] for key in boroughs])
    return boroughs[0] if boroughs else new_york.CITY


def nearest_names(text: str) -> list[str]:
    """Return the names of the gazetteer that are most like a text."""
    folded = fold_place(text[:60]).replace(" ", "")
    found = process.extract(
        folded, known_names(), scorer=fuzz.ratio, limit=3, score_cutoff=LEAST_ALIKE
    )
    return [each[0] for each in found]


def _not_found(text: str) -> UnknownPlace:
    near = nearest_names(text)
    hint = f" Did you mean {', '.join(near)}?" if near else ""
    hint_zh = f"是否指：{'、'.join(near)}？" if near else ""
    return _unknown(
        f"No place is called {text[:60]!r}.{hint}", f"没有名为“{text[:60]}”的地点。{hint_zh}"
    )


def _unknown(message: str, message_zh: str) -> UnknownPlace:
    return UnknownPlace(message, message_zh, fields=(FieldError("", message, message_zh),))


def ambiguous(text: str, places: Sequence[Division]) -> AmbiguousPlace:
    """Return the error for a text that may name several places, with their full names."""
    names = [gazetteer().full_name(place.key) for place in places[:MOST_OFFERED]]
    others = len(places) - len(names)
    more, more_zh = (f" and {others} more", f"等 {len(places)} 处") if others else ("", "")
    message = f"{text[:60]!r} names several places; write one in full: {', '.join(names)}{more}."
    message_zh = f"“{text[:60]}”对应多个地点，请写全称：{'、'.join(names)}{more_zh}。"
    keys = tuple(place.key for place in places[:MOST_CANDIDATES])
    fault = FieldError("", message, message_zh, candidates=keys)
    return AmbiguousPlace(message, message_zh, fields=(fault,))
