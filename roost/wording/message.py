"""Subject of a notification, and the message made of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from roost.events.notification import Notification, RecipientKind, urgent
from roost.views.mappings import Json


@dataclass(frozen=True, slots=True)
class Message:
    """Message as sent; the receiver drops repeats by `id`."""

    id: str
    title: str
    body: str
    urgent: bool = False
    stop_url: str = ""
    kind: str = ""
    """Kind of notification, or `digest`."""
    data: Json = field(default_factory=dict)
    """Ids for programs, in addition to the text."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Subject of one notification, from the current views: facts in camelCase JSON."""

    notification: Notification
    opening: Json | None = None
    match: Json | None = None
    """Contains score, reasons, missingSkills, proposedAt."""
    notice: Json | None = None
    """Contains zh, en or both, each with title and body."""
    code: str = field(default="", repr=False)
    """Code that confirms an address."""

    @property
    def urgent(self) -> bool:
        """Whether the notification ignores quiet hours, snooze and digests."""
        return urgent(self.notification)

    @property
    def to_worker(self) -> bool:
        """Whether the recipient is a worker."""
        return self.notification.recipient.kind is RecipientKind.WORKER
