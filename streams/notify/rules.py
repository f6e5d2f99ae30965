"""Who is told of a change of a match: pure.

A worker is told once of every round of a match; a station once a round of every opening that has
new matches in its queue, and of what happens to a match that one of its clerks works on.
"""

from __future__ import annotations

from collections.abc import Iterator

from roost import ids
from roost.events.match import Match, MatchState
from roost.events.notification import (
    Notification,
    NotificationKind,
    Recipient,
    RecipientKind,
)


def notifications_for(match: Match) -> Iterator[Notification]:
    """The notifications that a match in its present state gives rise to."""
    match match.state:
        case MatchState.PROPOSED if match.assigned_to is None:
            yield _to_worker(match, NotificationKind.NEW_MATCH)
            if match.station_id:
                yield _to_station(
                    match, match.station_id, NotificationKind.QUEUE_NEW, match.opening_id
                )
        case MatchState.PLACED if not match.nameless:
            yield _to_worker(match, NotificationKind.MATCH_PLACED)
            if match.station_id:
                yield _to_station(match, match.station_id, NotificationKind.MATCH_PLACED, match.id)
        case MatchState.EXPIRED if match.assigned_to is not None and match.station_id:
            yield _to_station(match, match.station_id, NotificationKind.MATCH_WITHDRAWN, match.id)
        case _:
            return


def _to_worker(match: Match, kind: NotificationKind) -> Notification:
    recipient = Recipient(kind=RecipientKind.WORKER, id=match.worker_id)
    return _notification(match, recipient, kind, match.id)


def _to_station(match: Match, station: str, kind: NotificationKind, cause: str) -> Notification:
    recipient = Recipient(kind=RecipientKind.STATION, id=station)
    return _notification(match, recipient, kind, cause)


def _notification(
    match: Match, recipient: Recipient, kind: NotificationKind, cause: str
) -> Notification:
    return Notification(
        id=ids.notification_id(recipient.id, cause, kind.value, match.round),
        recipient=recipient,
        kind=kind,
        opening_id=match.opening_id,
        match_id=match.id,
        version=match.round,
        caused_at=match.caused_at,
    )
