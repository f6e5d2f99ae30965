"""Places with a code: their name must not name another place."""

from __future__ import annotations

from functools import lru_cache

from roost.errors import FieldError, Invalid
from roost.events.common import Place
from roost.places.gazetteer import gazetteer
from roost.places.new_york import CITY
from roost.places.place_folding import fold_place
from roost.places.resolutions import Candidates, PlaceContext, Resolution, Resolved
from roost.places.resolving import former_names, resolve

REMEMBERED = 5_000
SHORTEST = 2
"""Characters of the shortest name without its kind (大同)."""


def check_named(place: Place, field: str, stored: Place | None = None) -> None:
    """Raise Invalid, naming both, if the code of a place and its name are two places.

    The name may be that of the code's place in any form (alone, in full, a former one), of a place
    that contains it, of one within it, or no name of the gazetteer (a site, a street). A place that
    is stored already is not judged again.
    """
    key = place.key
    if key is None or key not in gazetteer() or _is_same(place, stored):
        return
    other = _other_place(place.name, key)
    if other is None:
        return
    named, coded = gazetteer().full_name(other), gazetteer().full_name(key)
    message = f"is named {named}, but its code {place.code} is {coded}; give one of the two"
    message_zh = f"名称为“{named}”，代码 {place.code} 却为“{coded}”，请只填其中一项或更正"
    raise Invalid(
        f"{field}: {message}",
        f"{field}：{message_zh}",
        fields=(FieldError(field, message, message_zh),),
    )


def _is_same(place: Place, stored: Place | None) -> bool:
    return stored is not None and (place.name, place.key) == (stored.name, stored.key)


@lru_cache(maxsize=REMEMBERED)
def _other_place(name: str, key: str) -> str | None:
    """Return the key of the place that a name states, if it is another one than that of `key`."""
    known = gazetteer()
    if _is_form_of(fold_place(name), key):
        return None
    keys = _keys_of(resolve(name, PlaceContext(near=(key,), residence=key)))
    coded = _bounded(key)
    if any(known.contains(each, coded) or known.contains(coded, each) for each in keys):
        return None
    return keys[0] if keys else None


def _keys_of(found: Resolution) -> list[str]:
    """Return the keys of the places that a text may name."""
    match found:
        case Resolved(place):
            return [place.key]
        case Candidates(places):
            return [each.key for each in places]
        case _:
            return []


def _is_form_of(folded: str, key: str) -> bool:
    """Return whether a text is the name of a place: whole, without its kind, in full, or former."""
    known = gazetteer()
    names = [fold_place(each) for each in (known[key].name, known.full_name(key))]
    if len(folded) >= SHORTEST and any(name.startswith(folded) for name in names):
        return True
    return any(folded.endswith(fold_place(former)) for former in former_names().get(key, ()))


def _bounded(key: str) -> str:
    """Return a place that has borders: for a neighborhood of New York, its borough."""
    parent = gazetteer()[key].parent
    return parent if key.startswith("nyc:") and parent and parent != CITY else key
