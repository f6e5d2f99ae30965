"""Use case of places: those that a half-typed text may mean."""

from __future__ import annotations

import asyncio

from api.access.nearby_places import places_nearby
from api.access.principal import Principal
from api.places.schemas import PlaceFound, PlacesFound
from api.ports.services import Services
from producers.located_places import gazetteer_key
from roost.errors import Transient
from roost.places.gazetteer import Division, gazetteer
from roost.places.suggesting import suggester


async def suggest_places(
    given: Services, who: Principal, text: str, most: int, near: str | None = None
) -> PlacesFound:
    """Return the places that a text may mean, the likeliest first.

    Of places of one name those near come first: near the place `near`, by default near the
    caller's stations. Raises Invalid if `near` does not name one place.
    """
    around = await _around(given, who) if near is None else (gazetteer_key(near, "near"),)
    return await asyncio.to_thread(_suggested, text, most, around)


async def _around(given: Services, who: Principal) -> tuple[str, ...]:
    """Return the places of the caller's stations; the order does without them if views are away."""
    try:
        return await places_nearby(given, who)
    except Transient:
        return ()


def _suggested(text: str, most: int, near: tuple[str, ...]) -> PlacesFound:
    return PlacesFound(items=[_found(place) for place in suggester().suggest(text, most, near)])


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
