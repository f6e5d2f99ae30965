"""What an inbox shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from roost.events.common import MatchId, Model, NoticeId, NotificationId, OpeningId
from roost.events.notification import NotificationKind


class Whose(StrEnum):
    """Who has an inbox, by the path and the view they stand in."""

    PROFILES = "profiles"
    STATIONS = "stations"


class Entry(Model):
    """One notification, in words written now."""

    id: NotificationId
    kind: NotificationKind
    title: str
    body: str
    urgent: bool
    at: datetime = Field(description="when it came into the inbox")
    read: bool
    answered: bool
    withdrawn: bool = Field(
        False, description="it invites to what is over, or tells what was taken back"
    )
    opening_id: OpeningId | None = None
    match_id: MatchId | None = None
    notice_id: NoticeId | None = None


class Inbox(Model):
    """Newest first."""

    items: Sequence[Entry]
    unread: int = Field(ge=0, description="in the whole inbox, not on this page alone")
    next: str | None = None


class Receipted(Model):
    id: NotificationId
    in_force: bool = Field(description="whether the inbox shows it already")


class AllRead(Model):
    read: int = Field(ge=0, description="entries that were unread until now")
