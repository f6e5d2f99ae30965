"""Notifications of saved searches, and the limit of a search's day. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from roost import ids
from roost.events.notification import Notification, NotificationKind, Recipient, RecipientKind
from roost.events.saved_search import SearchNotice
from roost.time.clock import day_of

KIND = NotificationKind.SAVED_SEARCH
MOST_A_DAY = 5
"""Openings of one day that a search announces one by one; the further ones are counted."""
MOST_COUNTED = 100
"""Largest number of further openings that a message names; it means this many or more."""


@dataclass(frozen=True, slots=True)
class FoundPair:
    """A search and an opening that meets it."""

    search_id: str
    worker_id: str
    notice: str
    opening_id: str
    posted_at: datetime

    @property
    def notification_id(self) -> str:
        """Id of its notification: one a search and opening, whatever the version of the opening."""
        return ids.notification_id(self.worker_id, f"{self.search_id}/{self.opening_id}", KIND, 1)

    @property
    def match_id(self) -> str:
        """Id of the match of the worker and the opening, if they have one."""
        return ids.match_id(self.opening_id, self.worker_id)


def announced(
    pairs: Iterable[FoundPair], counted: Mapping[tuple[str, date], int], zone: tzinfo
) -> list[Notification]:
    """Return the notifications of new pairs within the limit of each search's day.

    `counted` are the notifications that exist, by search and day of the opening's posting.
    """
    counts = Counter(counted)
    found = []
    for pair in pairs:
        day = pair.search_id, day_of(pair.posted_at, zone)
        if counts[day] < MOST_A_DAY:
            counts[day] += 1
            found.append(_announcement(pair))
    return found


def _announcement(pair: FoundPair) -> Notification:
    return Notification(
        id=pair.notification_id,
        recipient=Recipient(kind=RecipientKind.WORKER, id=pair.worker_id),
        kind=KIND,
        opening_id=pair.opening_id,
        saved_search_id=pair.search_id,
        in_digest=True if pair.notice == SearchNotice.DIGEST else None,
        version=1,
        caused_at=pair.posted_at,
    )


def summary(
    search_id: str, worker_id: str, day: date, number: int, caused_at: datetime
) -> Notification:
    """Return the notification of a day's openings that a search did not announce one by one."""
    version = day.toordinal()
    return Notification(
        id=ids.notification_id(worker_id, search_id, KIND, version),
        recipient=Recipient(kind=RecipientKind.WORKER, id=worker_id),
        kind=KIND,
        saved_search_id=search_id,
        further=min(number, MOST_COUNTED),
        in_digest=True,
        version=version,
        caused_at=caused_at,
    )
