"""Matches as whoever asks may see them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Annotated, Any

import orjson

from api.access.principal import Principal
from api.lists.sparse import Fields, sparse
from api.matches.showing import shown_to
from api.ports.services import Services
from roost.events.account import AccountRole
from roost.events.match import Match
from roost.rules.visibility import shown_to_employer
from roost.topics import PROFILES
from roost.views.elastic import Json

Chosen = Annotated[Fields, sparse(Match, "urgency", "names")]


async def seen(given: Services, who: Principal, document: Json) -> dict[str, Any]:
    return (await seen_all(given, who, [document]))[0]


def tag_of_seen(document: Json, said: dict[str, Any]) -> str:
    """Its version, with what is shown of it: consent and time change that, though the match is
    the same.
    """
    shown_as = hashlib.blake2b(orjson.dumps(said, option=orjson.OPT_SORT_KEYS), digest_size=8)
    return f"{document['version']}-{shown_as.hexdigest()}"


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
