"""Publication of notifications, each once: skip those of the view, publish, write them to the view.

A kill between the two halves of `send` leaves at most `AT_ONCE` records that the view lacks.
`TailReplay` writes these before the next process goes on, and then they are skipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from roost.contact.end_of_use import end_of_use
from roost.events.envelope import record, value_of
from roost.events.notification import Notification
from roost.kafka.ports import Producer
from roost.metrics import NOTIFIED
from roost.time.clock import Clock
from roost.topics import NOTIFICATIONS
from roost.views.elastic import Elastic
from streams.kernel.retry import retry_transient
from streams.views.notification_projection import notification_write
from streams.views.taken_writes import check_taken

AT_ONCE = 500
"""Most notifications that are published before they are written to the view."""


class NewNotifications:
    """Publisher of the notifications of one stage; `source` names it in the records."""

    def __init__(
        self, elastic: Elastic, sender: Producer, clock: Clock, stage: str, source: str
    ) -> None:
        self._elastic = elastic
        self._sender = sender
        self._clock = clock
        self._stage = stage
        self._source = source

    async def notify(self, due: Iterable[Notification]) -> None:
        """Publish the notifications that are new and still of use, and write them."""
        now = self._clock.now()
        distinct = list({each.id: each for each in due if now < end_of_use(each)}.values())
        for start in range(0, len(distinct), AT_ONCE):
            await self._send(await self._fresh(distinct[start : start + AT_ONCE]))

    async def _fresh(self, due: Sequence[Notification]) -> list[Notification]:
        keys = [(NOTIFICATIONS.name, each.id) for each in due]
        existing = await retry_transient(
            f"{self._stage}.read", lambda: self._elastic.versions(keys)
        )
        return [each for each, key in zip(due, keys, strict=True) if key not in existing]

    async def _send(self, fresh: Sequence[Notification]) -> None:
        now = self._clock.now()
        records = [record(each, each.recipient.id, source=self._source, at=now) for each in fresh]
        positions = await retry_transient(
            f"{self._stage}.send", lambda: self._sender.publish(records)
        )
        writes = [
            notification_write(each, value_of(made), position.version)
            for each, made, position in zip(fresh, records, positions, strict=True)
        ]
        refusals = await retry_transient(
            f"{self._stage}.write", lambda: self._elastic.write(writes)
        )
        check_taken(refusals, "notifications")
        for each in fresh:
            NOTIFIED.labels(each.kind).inc()
