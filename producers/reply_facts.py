"""Facts of saved replies."""

from __future__ import annotations

import secrets
from datetime import datetime

from roost import ids
from roost.events.envelope import Record, record, tombstone
from roost.events.saved_reply import SavedReply, SavedReplyContent
from roost.topics import SAVED_REPLIES

SOURCE = "/api"


def reply_saved(
    content: SavedReplyContent, station_id: str, *, by: str, at: datetime, id: str | None = None
) -> tuple[SavedReply, Record]:
    """Record a saved reply of a station: a new one, or a new content of the one with `id`."""
    saved = SavedReply(
        id=id or ids.derive("y", "reply", station_id, secrets.token_hex(16)),
        station_id=station_id,
        title=content.title,
        text=content.text,
        saved_at=at,
        saved_by=by,
    )
    return saved, record(saved, saved.id, source=SOURCE, at=at)


def reply_removed(id: str, *, at: datetime) -> Record:
    """Record that a saved reply was removed."""
    return tombstone(SAVED_REPLIES, id, source=SOURCE, at=at)
