"""Endpoint of places: suggestions for fields that complete as one types."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.access.principal import Principal
from api.access.requirements import allow
from api.places import service
from api.places.schemas import PlacesFound
from roost.events.account import Permission
from roost.places.suggesting import LONGEST, MOST

router = APIRouter(prefix="/v1/places", tags=["places"])
Reads = Annotated[Principal, allow(Permission.OPENINGS_READ)]
Typed = Annotated[
    str,
    Query(
        min_length=1,
        max_length=LONGEST,
        description="beginning of a name, of its pinyin or of its initials, or an address",
        examples=["太原市小"],
    ),
]
Most = Annotated[int, Query(ge=1, le=MOST, description="most places to return")]


@router.get("", summary="Suggest places")
def suggest_places(who: Reads, q: Typed, limit: Most = 10) -> PlacesFound:
    """Return the places that a text may mean, the likeliest first.

    A place is followed by its parts: `太原` finds the city, then its districts.
    """
    return service.suggest_places(q, limit)
