"""Views in memory that show every published note at once, for tests of notes."""

from __future__ import annotations

from typing import Any

from roost import ids
from roost.events.note import Note
from roost.topics import NOTES, OPENINGS
from streams.index.entity_documents import note_fields
from tests.made import a_match
from tests.unit.api.builders import NOW
from tests.unit.api.conversation_views import HERE, STATION, ConversationViews

OPENING = ids.opening_id("t", "1")
EMPLOYER = "site-1"


class NoteViews(ConversationViews):
    """The views that notes use, and the index stage behind the publisher."""

    def __init__(self) -> None:
        super().__init__()
        self.documents[OPENINGS.name, OPENING] = {
            "id": OPENING,
            "version": 1,
            "employer_id": EMPLOYER,
            "places": [HERE],
            "fact": {},
        }

    async def publish(self, records: Any) -> Any:
        made = list(records)
        positions = await super().publish(made)
        for each in made:
            if each.topic is NOTES and each.value:
                document = self.documents[NOTES.name, each.key]
                document |= note_fields(Note.from_stored(document["fact"]))
        return positions

    def match(self, worker: str, **changes: Any) -> str:
        """Store a match of the opening in the station's queue; return its id."""
        match = a_match(OPENING, worker, NOW, station_id=STATION, **changes)
        self.documents["matches", match.id] = {
            "id": match.id,
            "version": 1,
            "revision": match.revision,
            "state": match.state.value,
            "active": match.state.active,
            "station_id": STATION,
            "worker_id": worker,
            "opening_id": OPENING,
            "employer_id": EMPLOYER,
            "fact": match.to_dict(),
        }
        return match.id
