"""Matches as whoever asks may see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api.dependencies import Services
from api.identity.principal import Principal
from api.matches.showing import shown_to
from roost.events.account import AccountRole
from roost.topics import PROFILES
from roost.views.elastic import Json
from roost.visibility import shown_to_employer


async def seen(given: Services, who: Principal, document: Json) -> dict[str, Any]:
    return (await seen_all(given, who, [document]))[0]


async def seen_all(
    given: Services, who: Principal, documents: Sequence[Json]
) -> list[dict[str, Any]]:
    """In the order given; an employer sees of the worker what that one consented to."""
    if who.role is AccountRole.EMPLOYER:
        return await as_employer(given, documents)
    name, now = given.identities.name_of, given.clock.now()
    return [shown_to(who, each, name, now) for each in documents]


async def as_employer(given: Services, documents: Sequence[Json]) -> list[dict[str, Any]]:
    """Each match as its employer sees it."""
    keys = [(PROFILES.name, each["worker_id"]) for each in documents]
    found = await given.elastic.mget(keys, ("fact", "erased"))
    profiles = [found.get(key, {}) for key in keys]
    return [
        {
            **shown_to_employer(
                each["fact"], None if profile.get("erased") else profile.get("fact")
            ),
            "version": each["version"],
        }
        for each, profile in zip(documents, profiles, strict=True)
    ]
