"""Places of facts: what people write, with the division of the gazetteer that it names."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from producers.named_places import check_named
from producers.renamed_places import renamed_place
from roost.errors import Invalid, invalid_field
from roost.events.common import Place
from roost.events.profile import Willing
from roost.places.gazetteer import gazetteer
from roost.places.place_search import AmbiguousPlace, UnknownPlace, find_place
from roost.places.resolutions import Anywhere, PlaceContext
from roost.places.resolving import resolve
from roost.places.written_names import country_key

REMEMBERED = 4_096
"""Places that are located once: a file names few places many times."""


def settle_place(
    place: Place, field: str, former: Place | None, context: PlaceContext | None
) -> Place:
    """Return the located place of an entity whose stored place is `former`. Raises Invalid."""
    return locate_place(renamed_place(place, former, context), field, context, stored=former)


def locate_place(
    place: Place, field: str, context: PlaceContext | None = None, *, stored: Place | None = None
) -> Place:
    """Return a place with its scheme, code and coordinates.

    The name stays as written: it may be an address, of which the code is the innermost division.
    A place that has coordinates already may have a name that the gazetteer does not know.
    Raises Invalid naming the field, with the candidates' full names, or with those of a code and
    a name of two places, unless they are `stored` already.
    """
    check_named(place, field, stored)
    try:
        return _located(place, context)
    except (UnknownPlace, AmbiguousPlace) as error:
        if place.latitude is not None and place.code is None:
            return place
        raise _at(field, error) from None


def _at(field: str, error: UnknownPlace | AmbiguousPlace) -> Invalid:
    """Return the error at a field, with the keys of the places that may be meant."""
    candidates = error.fields[0].candidates if error.fields else ()
    return invalid_field(field, error.message, error.message_zh, candidates)


@lru_cache(maxsize=REMEMBERED)
def _located(place: Place, context: PlaceContext | None) -> Place:
    """Return a place with its scheme, code and coordinates. Raises UnknownPlace, AmbiguousPlace."""
    known = gazetteer()
    division = find_place(place.key or place.name, context)
    point = known.coordinates(division.key)
    latitude, longitude = point if point is not None else (None, None)
    return Place(
        name=place.name if place.name != division.key else known.full_name(division.key),
        code=division.code,
        scheme=division.scheme,
        latitude=place.latitude if place.latitude is not None else latitude,
        longitude=place.longitude if place.longitude is not None else longitude,
    )


def located_wishes(
    willing: Willing, residence: Place, context: PlaceContext | None = None
) -> Willing:
    """Return where a person would work, with the keys of the places; 全国 and 不限 mean anywhere.

    The places near the context tell places of one name apart. Raises Invalid.
    """
    around = PlaceContext(context.near if context else (), residence.key)
    places = _wished_places(willing.places, around) if willing.places else ()
    return willing if places == willing.places else willing.model_copy(update={"places": places})


@lru_cache(maxsize=REMEMBERED)
def _wished_places(places: Sequence[str], around: PlaceContext) -> tuple[str, ...]:
    if any(resolve(each) == Anywhere() and country_key(each) is None for each in places):
        return ()
    return tuple(
        gazetteer_key(place, f"willing.places.{number}", around)
        for number, place in enumerate(places)
    )


def gazetteer_key(place: str, field: str, context: PlaceContext | None = None) -> str:
    """Return the key of a place; `cn` or 中国 names a whole country. Raises Invalid."""
    if country := country_key(place):
        return country
    try:
        return find_place(place, context).key
    except (UnknownPlace, AmbiguousPlace) as error:
        raise _at(field, error) from None
