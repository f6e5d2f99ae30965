"""What a notification is about, and what is sent of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from roost.events.notification import Notification, RecipientKind, urgent
from roost.views.mappings import Json


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent; `id` is that by which the receiver drops a repeat."""

    id: str
    title: str
    body: str
    urgent: bool = False
    stop_url: str = ""
    kind: str = ""
    """The kind of notification, or `digest`."""
    data: Json = field(default_factory=dict)
    """What a program reads of it, beside the words: ids."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What one notification is about, as the views say now: facts in camelCase JSON."""

    notification: Notification
    opening: Json | None = None
    match: Json | None = None
    """With score, reasons, missingSkills, proposedAt."""
    notice: Json | None = None
    """With zh or en or both: {title, body}."""

    @property
    def urgent(self) -> bool:
        return urgent(self.notification)

    @property
    def to_worker(self) -> bool:
        return self.notification.recipient.kind is RecipientKind.WORKER
