"""Endpoint of places: suggestions for fields that complete as one types."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.access.principal import Principal
from api.access.requirements import allow
from api.places import service
from api.places.schemas import PlacesFound
from api.ports.services import Given
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
Near = Annotated[
    str | None,
    Query(
        max_length=64,
        description="a place: of places of one name those near it come first; by default those "
        "near the caller's stations",
        examples=["cn:140100"],
    ),
]
Most = Annotated[int, Query(ge=1, le=MOST, description="most places to return")]


@router.get("", summary="Suggest places")
async def suggest_places(
    who: Reads, given: Given, q: Typed, limit: Most = 10, near: Near = None
) -> PlacesFound:
    """Return the places that a text may mean, the likeliest first.

    A place is followed by its parts: `太原` finds the city, then its districts. Of places of one
    name, such as the townships called `城关镇`, the nearest comes first.
    """
    return await service.suggest_places(given, who, q, limit, near)
