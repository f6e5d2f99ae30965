"""Places near a caller: those that its stations serve decide between places of one name."""

from __future__ import annotations

from collections.abc import Iterable

from api.access import belonging
from api.access.principal import Principal
from api.ports.services import Services
from roost.places.resolutions import Candidates, PlaceContext, Unknown
from roost.places.resolving import resolve


async def places_nearby(given: Services, who: Principal) -> tuple[str, ...]:
    """Return the keys of the places that the caller's stations serve, those of the first first."""
    if not who.station_ids:
        return ()
    stations = await belonging.serves(given, who)
    return tuple(dict.fromkeys(key for places in stations.values() for key in sorted(places)))


async def context_for(given: Services, who: Principal, texts: Iterable[str]) -> PlaceContext | None:
    """Return the context of places written by a caller; None if no text needs one."""
    if not who.station_ids or not any(map(_needs_context, texts)):
        return None
    near = await places_nearby(given, who)
    return PlaceContext(near) if near else None


def _needs_context(text: str) -> bool:
    return isinstance(resolve(text), Candidates | Unknown)
