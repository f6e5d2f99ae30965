"""Answers of the endpoints of saved replies."""

from __future__ import annotations

from roost.events.common import Model
from roost.events.saved_reply import SavedReply


class SavedReplies(Model):
    """Saved replies by title."""

    items: list[SavedReply]
