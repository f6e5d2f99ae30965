"""Matches as whoever asks may see them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import orjson

from api.dependencies import Services, shown
from api.identity.principal import Principal
from roost.events.account import AccountRole
from roost.topics import PROFILES
from roost.views.elastic import Json
from roost.visibility import shown_to_employer


async def seen(given: Services, who: Principal, document: Json) -> dict[str, Any]:
    return (await seen_all(given, who, [document]))[0]


def tag_of_seen(who: Principal, document: Json, said: dict[str, Any]) -> str:
    """Its version; for an employer with what they are shown of the worker, which consent changes
    though the match is the same."""
    if who.role is not AccountRole.EMPLOYER:
        return str(document["version"])
    shown_as = hashlib.blake2b(orjson.dumps(said, option=orjson.OPT_SORT_KEYS), digest_size=8)
    return f"{document['version']}-{shown_as.hexdigest()}"


async def seen_all(
    given: Services, who: Principal, documents: Sequence[Json]
) -> list[dict[str, Any]]:
    """In the order given; an employer sees what `roost.visibility` shows, all others the fact."""
    if who.role is AccountRole.EMPLOYER:
        return await as_employer(given, documents)
    return [shown(each) for each in documents]


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
