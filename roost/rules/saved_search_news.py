"""Notifications of saved searches: the match that replaces one, and the reasons not to send it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roost import ids
from roost.events.notification import Notification, NotificationKind


def pair_of(notification: Notification) -> str | None:
    """Return the id of the match of its worker and opening; None for other notifications.

    Its own `match_id` stays unset: it is not about a match, and none has to exist.
    """
    of_search = notification.kind is NotificationKind.SAVED_SEARCH
    if not of_search or notification.opening_id is None:
        return None
    return ids.match_id(notification.opening_id, notification.recipient.id)


def search_obstacle(
    notification: Notification,
    search: Mapping[str, Any] | None,
    opening: Mapping[str, Any] | None,
    match: Mapping[str, Any] | None,
) -> str:
    """Return why the worker is not notified; empty if nothing prevents it.

    `search` and `opening` are the current facts, `match` is the document of the pair's match.
    """
    if search is None:
        return "the saved search is deleted"
    if search.get("paused"):
        return "the saved search is paused"
    if notification.opening_id is None:
        return ""
    if opening is None:
        return "the opening is erased"
    if opening.get("status", "open") != "open":
        return "the opening is over"
    return "the worker is notified of the match" if match else ""
