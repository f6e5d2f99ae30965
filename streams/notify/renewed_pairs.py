"""Announcements of pairs that are withdrawn and proposed again several times on one day.

A worker and a station are notified of a pair twice a day. An announcement that was dropped, because
the pair was withdrawn before it could be sent (quiet hours, a minimum gap, a digest), counts for
nothing: else a pair that holds in the end would be announced to nobody. One that is still waiting
counts, since it is judged on the pair as it is when it is due. One that was dropped on a channel
but is in the inbox counts for a further limit, so that nobody's inbox fills.
"""

from __future__ import annotations

from collections.abc import Sequence

from roost.events.match import Match
from roost.events.notification import PAIR_WITHDRAWN, DeliveryStatus, Notification
from roost.events.preferences import ChannelKind
from roost.ids import delivery_id
from roost.topics import DELIVERIES, NOTIFICATIONS
from roost.views.elastic import Elastic, Json
from streams.kernel.retry import retry_transient
from streams.notify import rules

MOST_ANNOUNCED = 2
"""Announcements of a pair a day to one recipient, apart from those that were dropped."""
MOST_ENTERED = 6
"""The same with those that were dropped on one channel and sent on another, such as the inbox."""
LOOKED_AT = 200
"""Newest rounds of a pair whose announcements are looked at."""


class RenewedPairs:
    """Leaves out the announcements of pairs that were announced often enough today."""

    def __init__(self, elastic: Elastic) -> None:
        self._elastic = elastic

    async def notifications_for(self, matches: Sequence[Match]) -> list[Notification]:
        """Return the notifications to workers and stations of these matches."""
        due = [(match, each) for match in matches for each in rules.notifications_for(match)]
        earlier = {
            each.id: rules.earlier_ids(match, each, LOOKED_AT)
            for match, each in due
            if match.renewed >= MOST_ANNOUNCED and each.kind in rules.ANNOUNCEMENTS
        }
        announced, entered = await self._announced({id for ids in earlier.values() for id in ids})
        kept: list[Notification] = []
        for _, each in due:  # in the order of the rounds: a batch may hold several of a pair
            rounds = earlier.get(each.id, ())
            is_due = len(announced.intersection(rounds)) < MOST_ANNOUNCED
            if is_due and len(entered.intersection(rounds)) < MOST_ENTERED:
                kept.append(each)
                announced.add(each.id)
                entered.add(each.id)
        return kept

    async def _announced(self, ids: set[str]) -> tuple[set[str], set[str]]:
        """Return those of these notifications that were sent, or may still be, on all channels.

        The second set also holds those that were dropped on a channel but not on every one.
        """
        if not ids:
            return set(), set()
        published = await retry_transient(
            "notify.renewed",
            lambda: self._elastic.versions([(NOTIFICATIONS.name, id) for id in ids]),
        )
        rows = {
            (DELIVERIES.name, delivery_id(id, kind.value)): id
            for _, id in published
            for kind in ChannelKind
        }
        found = await retry_transient(
            "notify.dropped", lambda: self._elastic.mget(list(rows), ("fact",))
        )
        dropped, others = set[str](), set[str]()
        for key, document in found.items():
            (dropped if _was_dropped(document["fact"]) else others).add(rows[key])
        announced = {id for _, id in published} - dropped
        return announced, announced | others


def _was_dropped(row: Json) -> bool:
    suppressed = row["status"] == DeliveryStatus.SUPPRESSED.value
    return suppressed and row.get("detail") == PAIR_WITHDRAWN
