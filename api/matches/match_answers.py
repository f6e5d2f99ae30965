"""Matches as they are answered to a caller, with the worker's data that the caller may see."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import orjson

from api.access.principal import Principal
from api.matches.interviews import with_interviews
from api.matches.match_visibility import visible_match
from api.matches.responsible import with_responsible
from api.ports.services import Services
from roost.events.account import AccountRole
from roost.events.match import Outcome
from roost.rules.visibility import shown_to_employer
from roost.security.county_key import derived
from roost.topics import PROFILES
from roost.views.elastic import Json

OF_RECORDS = frozenset({"revision", "refusals", "formerStationId"})
"""Fields of a match that a refused action changes: they tell records apart, not states."""


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
    answers = [visible_match(who, each, name_of, now) for each in documents]
    return await with_interviews(given, documents, answers)


async def employer_answers(given: Services, documents: Sequence[Json]) -> list[dict[str, Any]]:
    """Return matches as their employers see them: with the fields each worker agreed to share."""
    keys = [(PROFILES.name, each["worker_id"]) for each in documents]
    found = await given.elastic.mget(keys, ("fact", "erased"))
    profiles = [found.get(key, {}) for key in keys]
    answers = [
        {
            **shown_to_employer(
                each["fact"], None if profile.get("erased") else profile.get("fact")
            ),
            "version": each["version"],
        }
        for each, profile in zip(documents, profiles, strict=True)
    ]
    answers = await with_responsible(given, documents, answers)
    return await with_interviews(given, documents, answers)


def answer_tag(key: bytes, document: Json, answer: dict[str, Any]) -> str:
    """Return the entity tag of an answer: the match's state, then a digest of the answer itself.

    Consent and time change an answer although the match keeps its state. `key` is the county key.
    """
    return f"{state_version(key, document)}-{_digest(answer).hexdigest()}"


def state_version(key: bytes, document: Json) -> str:
    """Return a version of a match that refused actions leave as it is.

    Each refusal is a new record, so it raises the version of the document: by repeating an action
    that is refused, a caller who may act would make the `If-Match` of all others fail. The digest
    is keyed, since callers do not see every field.
    """
    stored = document.get("fact") or {}
    fact = {name: value for name, value in stored.items() if name not in OF_RECORDS}
    accepted = [each for each in fact.pop("history", ()) if each.get("outcome") != Outcome.REFUSED]
    return _digest([fact, accepted], derived(key, "token", "match-state")).hexdigest()


def _digest(content: Any, key: bytes = b"") -> hashlib.blake2b:
    serialised = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(serialised, digest_size=8, key=key)
