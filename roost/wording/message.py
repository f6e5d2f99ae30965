"""Subject of a notification, and the message made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from roost.events.notification import STOPPABLE, Notification, urgent
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
    values: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    """Values by name, for approved templates of providers."""
    chinese: bool = True
    repeated: bool = False
    """True if an earlier attempt may have reached the receiver."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Subject of one notification, from the current views: facts in camelCase JSON."""

    notification: Notification
    opening: Json | None = None
    match: Json | None = None
    """Contains score, reasons, missingSkills, proposedAt."""
    notice: Json | None = None
    """Contains zh, en or both, each with title and body."""
    webhook: Json | None = None
    """Contains host, cause, since (ISO 8601, in the recipient's zone), status and link."""
    link: str = ""
    """Page about the subject, for an employer."""
    code: str = field(default="", repr=False)
    """Code that confirms an address."""
    message: Json | None = None
    """Message of a conversation; contains text."""
    interview: Json | None = None
    """Place, contact, documents and time (ISO 8601) of an interview, each if it is stated."""
    request: Json | None = None
    """Request for candidates, as it is stored."""

    search: Json | None = None
    """Saved search that found the opening."""

    @property
    def urgent(self) -> bool:
        """Whether the notification ignores quiet hours, snooze and digests."""
        return urgent(self.notification)

    @property
    def stoppable(self) -> bool:
        """Whether the recipient can stop all messages by a link."""
        return self.notification.recipient.kind in STOPPABLE
