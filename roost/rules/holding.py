"""Rules that decide whether a notification about a match is still valid. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from roost.events.match import MatchState
from roost.events.notification import Notification, NotificationKind

OVER = frozenset({MatchState.EXPIRED.value, MatchState.DECLINED.value})


def undone(notification: Notification, match: Mapping[str, Any]) -> bool:
    """Return whether the action that caused the notification was undone.

    A view that lags behind does not show the undo yet.
    """
    return any(
        entry.get("undone") and datetime.fromisoformat(entry["at"]) == notification.caused_at
        for entry in match.get("history", ())
    )


def withdrawn(notification: Notification, match: Mapping[str, Any] | None) -> bool:
    """Return whether it offers a match that has ended, or reports an action that was undone."""
    if notification.match_id is None or match is None:
        return False
    invites = notification.kind is NotificationKind.NEW_MATCH
    return (invites and match.get("state") in OVER) or undone(notification, match)
