"""Requests and responses of the inbox endpoints."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from api.lists.totals import TotalField
from roost.events.common import MatchId, Model, NoticeId, NotificationId, OpeningId
from roost.events.notification import NotificationKind


class Whose(StrEnum):
    """Kind of inbox owner, as in the path; also the view of its documents."""

    PROFILES = "profiles"
    STATIONS = "stations"


class Entry(Model):
    """One notification, worded at the time of the request."""

    id: NotificationId
    kind: NotificationKind
    title: str
    body: str
    urgent: bool
    at: datetime = Field(description="when it arrived in the inbox")
    read: bool
    answered: bool
    withdrawn: bool = Field(
        False, description="its invitation has ended, or its news was taken back"
    )
    opening_id: OpeningId | None = None
    match_id: MatchId | None = None
    notice_id: NoticeId | None = None


class Inbox(Model):
    """Page of entries, newest first."""

    items: Sequence[Entry]
    unread: int = Field(ge=0, description="in the whole inbox, not only on this page")
    next: str | None = None
    total: TotalField = None


class Receipted(Model):
    """Entry that was marked as read or answered."""

    id: NotificationId
    in_force: bool = Field(description="whether the inbox shows it already")


class AllRead(Model):
    """Result of marking a whole inbox as read."""

    read: int = Field(ge=0, description="entries that were unread until now")
