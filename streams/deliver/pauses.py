"""Validity of messages about an opening while it is paused, by the match in the view. Pure."""

from __future__ import annotations

from roost.events.notification import Notification, NotificationKind
from roost.views.elastic import Json

K = NotificationKind
PAUSES = frozenset({K.OPENING_PAUSED, K.OPENING_RESUMED})
INVITING = frozenset({K.NEW_MATCH, K.QUEUE_NEW, K.MATCH_WAITING})
"""Kinds that ask for a step that has to wait for the end of the pause."""


def pause_obstacle(notification: Notification, match: Json) -> str:
    """Return why a message is not sent because of a pause or its end; empty if it may be."""
    pause = match.get("fact", {}).get("pause") or {}
    lasts = bool(pause) and "resumedAt" not in pause
    if notification.kind in INVITING:
        return "the opening is paused" if lasts else ""
    if notification.kind not in PAUSES:
        return ""
    if not match.get("active"):
        return "the match has ended"
    if not pause:
        return "the match has ended, and was proposed again"
    newer = pause.get("openingVersion", 0) > notification.version
    if notification.kind is K.OPENING_PAUSED:
        return "the opening is resumed" if newer or not lasts else ""
    return "the opening is paused again" if newer and lasts else ""


def pause_pending(notification: Notification, match: Json) -> bool:
    """Return whether the view lags behind the pause, or its end, that is announced.

    It does not if the match was judged on a version since: a new round has no pause any more.
    """
    fact = match.get("fact", {})
    pause = fact.get("pause") or {}
    if fact.get("openingVersion", 0) < notification.version:
        return True
    is_of_this = pause.get("openingVersion") == notification.version
    ends = notification.kind is K.OPENING_RESUMED
    return bool(ends and is_of_this and "resumedAt" not in pause)
