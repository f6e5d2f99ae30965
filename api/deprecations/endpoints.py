"""Endpoint that lists deprecated routes, for readers of a `rel="deprecation"` link."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter

from api.access.requirements import Who
from api.deprecations.deprecated_routes import TABLE, WHERE, DeprecatedRoute
from roost.events.common import Model

router = APIRouter(tags=["deprecations"])


class Entries(Model):
    """The deprecated routes."""

    items: Sequence[DeprecatedRoute]


@router.get(WHERE, summary="List deprecated routes, their end, and their replacement")
async def list_deprecations(who: Who) -> Entries:
    """Return each deprecated route with its removal date and its replacement."""
    return Entries(items=TABLE)
