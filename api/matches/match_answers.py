"""Matches as they are answered to a caller, with the worker's data that the caller may see."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import orjson

from api.access.principal import Principal
from api.matches.match_visibility import visible_match
from api.ports.services import Services
from roost.events.account import AccountRole
from roost.rules.visibility import shown_to_employer
from roost.topics import PROFILES
from roost.views.elastic import Json


async def match_answer(given: Services, who: Principal, document: Json) -> dict[str, Any]:
    """Return one match as the caller may see it."""
    return (await match_answers(given, who, [document]))[0]


async def match_answers(
    given: Services, who: Principal, documents: Sequence[Json]
) -> list[dict[str, Any]]:
    """Return matches as the caller may see them, in the order given."""
    if who.role is AccountRole.EMPLOYER:
        return await employer_answers(given, documents)
    name_of, now = given.identities.name_of, given.clock.now()
    return [visible_match(who, each, name_of, now) for each in documents]


async def employer_answers(given: Services, documents: Sequence[Json]) -> list[dict[str, Any]]:
    """Return matches as their employers see them: with the fields each worker agreed to share."""
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


def answer_tag(document: Json, answer: dict[str, Any]) -> str:
    """Return the entity tag of an answer: the version, then a digest of the answer itself.

    Consent and time change an answer although the match keeps its version.
    """
    digest = hashlib.blake2b(orjson.dumps(answer, option=orjson.OPT_SORT_KEYS), digest_size=8)
    return f"{document['version']}-{digest.hexdigest()}"
