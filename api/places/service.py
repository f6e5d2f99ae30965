"""Use case of places: those that a half-typed text may mean."""

from __future__ import annotations

from api.places.schemas import PlaceFound, PlacesFound
from roost.places.gazetteer import Division, gazetteer
from roost.places.suggesting import suggester


def suggest_places(text: str, most: int) -> PlacesFound:
    """Return the places that a text may mean, the likeliest first."""
    return PlacesFound(items=[_found(place) for place in suggester().suggest(text, most)])


def _found(place: Division) -> PlaceFound:
    known = gazetteer()
    latitude, longitude = known.coordinates(place.key) or (None, None)
    return PlaceFound(
        key=place.key,
        code=place.code,
        name=place.name,
        full_name=known.full_name(place.key),
        level=known.level(place.key),
        latitude=latitude,
        longitude=longitude,
        point_of=known.point_holder(place.key),
    )
