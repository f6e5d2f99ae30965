"""Whether what a notification tells of a match still holds: pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from roost.events.match import MatchState
from roost.events.notification import Notification, NotificationKind

OVER = frozenset({MatchState.EXPIRED.value, MatchState.DECLINED.value})


def undone(notification: Notification, match: Mapping[str, Any]) -> bool:
    """Whether the very action that it tells was taken back. A view that is behind shows no undo."""
    return any(
        entry.get("undone") and datetime.fromisoformat(entry["at"]) == notification.caused_at
        for entry in match.get("history", ())
    )


def withdrawn(notification: Notification, match: Mapping[str, Any] | None) -> bool:
    """Whether it invites to what is over, or tells what was taken back."""
    if notification.match_id is None or match is None:
        return False
    invites = notification.kind is NotificationKind.NEW_MATCH
    return (invites and match.get("state") in OVER) or undone(notification, match)
