"""Effective preferences: a worker's own, else their profile's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.lists.documents import existing_document
from api.ports.latest_writes import CurrentFact
from api.preferences.schemas import EffectivePreferences, Source
from roost.events.preferences import OwnPreferences, Preferences
from roost.topics import PREFERENCES, PROFILES
from roost.views.elastic import Elastic, Json


async def read_effective(elastic: Elastic, worker_id: str) -> EffectivePreferences:
    """Return a worker's preferences in force. Raises NotFound for an unknown worker."""
    profile = await existing_document(elastic, PROFILES.name, worker_id, "worker", "人员")
    own = await elastic.get(PREFERENCES.name, worker_id)
    if own is None or own.get("erased"):
        return effective(profile, CurrentFact(None, 0))
    return effective(profile, CurrentFact(own["fact"], own["version"]))


def effective(profile: Json, own: CurrentFact) -> EffectivePreferences:
    """Return the preferences in force, from a profile's document and the worker's own."""
    if own.fact is None:
        preferences = Preferences.from_stored(profile["fact"].get("preferences", {}))
        source, version = Source.PROFILE, profile["version"]
    else:
        preferences = _content(own.fact)
        source, version = Source.OWN, own.version
    return EffectivePreferences(
        worker_id=profile["id"], source=source, version=version, preferences=preferences
    )


def _content(fact: Mapping[str, Any]) -> Preferences:
    """Return a worker's own preferences without the fields that only the stored fact has."""
    own = OwnPreferences.from_stored(fact)
    return Preferences(**{name: getattr(own, name) for name in Preferences.model_fields})
