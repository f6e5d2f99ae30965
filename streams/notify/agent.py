"""notify: `matches` ─► who is told ─► `notifications` ─► view

Commits after: the broker has acknowledged the notifications and the view holds them. What the
view holds already is not said again; said twice after a kill, the deliver stage drops the repeat.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from roost.clock import Clock
from roost.events.envelope import record, said
from roost.events.notification import Notification
from roost.metrics import NOTIFIED
from roost.topics import MATCHES, NOTIFICATIONS, Topic
from roost.views.elastic import Elastic
from streams.guard import patiently
from streams.incoming import Fact
from streams.notify.rules import notifications_for
from streams.projections import notification_write
from streams.sender import Sends


class NotifyStage:
    name = "notify"
    topics: tuple[Topic, ...] = (MATCHES,)

    def __init__(self, elastic: Elastic, sender: Sends, clock: Clock) -> None:
        self._elastic = elastic
        self._sender = sender
        self._clock = clock

    async def handle(self, facts: Sequence[Fact[Any]]) -> None:
        due = {
            notification.id: notification
            for fact in facts
            if fact.event is not None
            for notification in notifications_for(fact.event)
        }
        keys = [(NOTIFICATIONS.name, id) for id in due]
        told = await patiently("notify.read", lambda: self._elastic.versions(keys))
        fresh = [each for id, each in due.items() if (NOTIFICATIONS.name, id) not in told]
        await self._tell(fresh)

    async def _tell(self, fresh: Sequence[Notification]) -> None:
        now = self._clock.now()
        records = [
            record(each, each.recipient.id, source="/streams/notify", at=now) for each in fresh
        ]
        versions = await patiently("notify.send", lambda: self._sender.send(records))
        writes = [
            notification_write(each, said(made), version)
            for each, made, version in zip(fresh, records, versions, strict=True)
        ]
        await patiently("notify.write", lambda: self._elastic.write(writes))
        for each in fresh:
            NOTIFIED.labels(each.kind).inc()
