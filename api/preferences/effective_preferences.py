"""The preferences in force: a worker's own, else their profile's."""

from __future__ import annotations

from api.lists.documents import existing_document
from api.preferences.schemas import InForce, Source
from roost.events.preferences import OwnPreferences, Preferences
from roost.topics import PREFERENCES, PROFILES
from roost.views.elastic import Elastic


async def in_force(elastic: Elastic, worker_id: str) -> InForce:
    """Raises NotFound for a worker who is not there."""
    profile = await existing_document(elastic, PROFILES.name, worker_id, "worker", "人员")
    own = await elastic.get(PREFERENCES.name, worker_id)
    if own is None or own.get("erased"):
        said = Preferences.from_stored(profile["fact"].get("preferences", {}))
        source, version = Source.PROFILE, profile["version"]
    else:
        said = _plain(OwnPreferences.from_stored(own["fact"]))
        source, version = Source.OWN, own["version"]
    return InForce(worker_id=worker_id, source=source, version=version, preferences=said)


def _plain(own: OwnPreferences) -> Preferences:
    return Preferences(**{name: getattr(own, name) for name in Preferences.model_fields})
