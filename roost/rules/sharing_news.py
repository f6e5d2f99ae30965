"""News of the question whether an employer may have a worker's contact details. Pure.

An id names the time of the question or the answer, so a repeat notifies nobody again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from roost import ids
from roost.events.match import ActionKind, Match, Outcome, Sharing
from roost.events.notification import (
    Notification,
    NotificationKind,
    Recipient,
    RecipientKind,
)

Json = Mapping[str, Any]
K = NotificationKind
SHARING_NEWS = frozenset({K.SHARING_ASKED, K.SHARING_ANSWERED})
ANSWERING = frozenset({ActionKind.SHARE, ActionKind.WITHHOLD, ActionKind.LAPSE, ActionKind.ACCEPT})


def sharing_news(match: Match) -> Iterator[Notification]:
    """Yield the question to the worker, and the answer to the station unless staff recorded it."""
    if match.sharing is Sharing.ASKED and match.sharing_asked_at and match.state.active:
        yield _news(match, RecipientKind.WORKER, match.worker_id, K.SHARING_ASKED)
    answered = match.sharing_answered_at is not None and match.sharing is not None
    if answered and match.station_id and not _by_staff(match):
        yield _news(match, RecipientKind.STATION, match.station_id, K.SHARING_ANSWERED)


def sharing_obstacle(notification: Notification, fact: Json) -> str:
    """Return why news of a question is not sent; empty if the match still is as it says."""
    is_asked = fact.get("sharing") == Sharing.ASKED.value
    if notification.kind is K.SHARING_ASKED and not is_asked:
        return "the question was answered or withdrawn"
    if notification.kind is K.SHARING_ANSWERED and (is_asked or not fact.get("sharing")):
        return "the answer was withdrawn"
    stated = fact.get("sharingAskedAt" if is_asked else "sharingAnsweredAt")
    same = stated is not None and datetime.fromisoformat(stated) == notification.caused_at
    return "" if same else "the question was asked or answered again"


def sharing_pending(notification: Notification, fact: Json) -> bool:
    """Return whether the view lags behind the news, which is published first."""
    return bool(fact.get("revision", 0) < notification.version)


def _news(match: Match, to: RecipientKind, id: str, kind: NotificationKind) -> Notification:
    at = match.sharing_asked_at if kind is K.SHARING_ASKED else match.sharing_answered_at
    assert at is not None
    cause = f"{match.id}/{at.astimezone(UTC).isoformat()}"
    return Notification(
        id=ids.notification_id(id, cause, kind.value, 1),
        recipient=Recipient(kind=to, id=id),
        kind=kind,
        opening_id=match.opening_id,
        match_id=match.id,
        version=match.revision,
        caused_at=at,
    )


def _by_staff(match: Match) -> bool:
    """Return whether staff recorded the answer."""
    return any(
        entry.kind in ANSWERING
        and entry.outcome is Outcome.ACCEPTED
        and entry.at == match.sharing_answered_at
        and entry.actor.role.staff
        for entry in match.history
    )
