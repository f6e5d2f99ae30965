"""From rows and what the views say of them to the message that is sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from roost.events.notification import Delivery, RecipientKind
from roost.links import stop_url
from roost.wording import Message, Subject, write
from streams.deliver.contexts import Context


class Words:
    def __init__(self, public_url: str, key: bytes, templates: Path | None = None) -> None:
        self._public_url = public_url
        self._key = key
        self._templates = templates

    def of(
        self, id: str, rows: Sequence[Delivery], contexts: Sequence[Context], at: datetime
    ) -> Message:
        """The message of rows that go to one recipient. Raises ValueError when words are missing."""
        recipient = rows[0].notification.recipient
        link = ""
        if recipient.kind is RecipientKind.WORKER:
            link = stop_url(self._public_url, self._key, recipient.id)
        subjects = [
            Subject(
                row.notification, context.opening, (context.match or {}).get("fact"), context.notice
            )
            for row, context in zip(rows, contexts, strict=True)
        ]
        return write(
            id,
            contexts[0].language,
            subjects,
            stop_url=link,
            at=at,
            folder=self._templates,
        )
