"""deliver: `notifications` ─► channels ─► `deliveries` ─► view

A consumer group of its own: slow channels never slow matching. Each notification is looked up in
the ledger (the view `deliveries`, by notification and channel) before it is sent, so a repeated
event sends nothing again. A kill between the sending and its record sends once more: the
receiver can drop it by the notification's id.

What no longer holds at the moment of sending (the match expired, the worker erased or muted) is
suppressed and recorded as such. Commits after: the answers are acknowledged and in the view.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from roost import ids
from roost.clock import Clock
from roost.errors import Transient
from roost.events.envelope import record, said
from roost.events.notification import (
    Delivery,
    DeliveryStatus,
    Notification,
    NotificationKind,
    RecipientKind,
)
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel
from roost.metrics import DELIVERED, POSTED_TO_TOLD
from roost.topics import DELIVERIES, MATCHES, NOTIFICATIONS, OPENINGS, PROFILES, STATIONS, Topic
from roost.views.elastic import Elastic, Json
from roost.views.remembered import Remembered, Versioned
from roost.wording import Message, write
from streams.deliver.channels import Sink
from streams.guard import patiently
from streams.incoming import Fact
from streams.projections import delivery_write
from streams.sender import Sends

ATTEMPTS = 3
AT_ONCE = 16
"""Messages under way at once; further ones wait."""
VIEW = {RecipientKind.WORKER: PROFILES.name, RecipientKind.STATION: STATIONS.name}
ABSENT: Versioned[Json] = Versioned(0, None)
ABOUT_RECIPIENT = ("fact.channels", "fact.preferences", "fact.language")
ABOUT_OPENING = (
    "fact.title",
    "fact.hiringOrganization",
    "fact.jobLocation",
    "fact.totalJobOpenings",
    "fact.baseSalary",
)
ABOUT_MATCH = ("fact.reasons", "active", "erased")


@dataclass(frozen=True, slots=True)
class Context:
    """What the views say now of whom and what a notification names; None for what is erased."""

    recipient: Json | None
    opening: Json | None
    match: Json | None
    """The document of the match, with `active` and its reasons."""


@dataclass(frozen=True, slots=True)
class Task:
    """One notification for one channel: a message to send, or the reason not to."""

    notification: Notification
    channel: Channel
    message: Message | None
    why_not: str = ""

    @property
    def id(self) -> str:
        return ids.delivery_id(self.notification.id, self.channel.kind.value)


class DeliverStage:
    name = "deliver"
    topics: tuple[Topic, ...] = (NOTIFICATIONS,)

    def __init__(
        self,
        elastic: Elastic,
        sender: Sends,
        clock: Clock,
        sinks: Mapping[ChannelKind, Sink],
    ) -> None:
        self._elastic = elastic
        self._sender = sender
        self._clock = clock
        self._sinks = sinks
        self._places = asyncio.Semaphore(AT_ONCE)
        self._recipients = {
            kind: Remembered(elastic, view, ABOUT_RECIPIENT, _fact) for kind, view in VIEW.items()
        }
        self._openings = Remembered(elastic, OPENINGS.name, ABOUT_OPENING, _fact)

    async def handle(self, facts: Sequence[Fact[Any]]) -> None:
        due = list({fact.said.id: fact.said for fact in facts}.values())
        contexts = await patiently("deliver.read", lambda: self._contexts(due))
        tasks = {
            task.id: task
            for notification, context in zip(due, contexts, strict=True)
            for task in plan(notification, context)
        }
        keys = [(DELIVERIES.name, id) for id in tasks]
        done = await patiently("deliver.ledger", lambda: self._elastic.versions(keys))
        open_tasks = [task for id, task in tasks.items() if (DELIVERIES.name, id) not in done]
        deliveries = await asyncio.gather(*(self._deliver(task) for task in open_tasks))
        await self._record(deliveries)

    async def _contexts(self, due: Sequence[Notification]) -> list[Context]:
        recipients: dict[RecipientKind, dict[str, None]] = {kind: {} for kind in VIEW}
        for each in due:
            recipients[each.recipient.kind][each.recipient.id] = None
        matches = [(MATCHES.name, id) for id in dict.fromkeys(each.match_id for each in due)]
        people, openings, documents = await asyncio.gather(
            asyncio.gather(
                *(self._recipients[kind].newest(ids) for kind, ids in recipients.items())
            ),
            self._openings.newest(each.opening_id for each in due),
            self._elastic.mget(matches, ABOUT_MATCH),
        )
        known = dict(zip(recipients, people, strict=True))
        return [
            Context(
                known[each.recipient.kind].get(each.recipient.id, ABSENT).value,
                openings.get(each.opening_id, ABSENT).value,
                documents.get((MATCHES.name, each.match_id)),
            )
            for each in due
        ]

    async def _deliver(self, task: Task) -> Delivery:
        if task.message is None:
            return self._answer(task, DeliveryStatus.SUPPRESSED, 0, task.why_not)
        sink = self._sinks[task.channel.kind]
        recipient = task.notification.recipient.id
        async with self._places:
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    await sink.send(
                        task.message, recipient, task.channel.address, self._clock.now()
                    )
                except Transient as error:
                    if attempt == ATTEMPTS:
                        return self._answer(task, DeliveryStatus.FAILED, attempt, str(error))
                    await asyncio.sleep(0.2 * 2**attempt)
                else:
                    return self._answer(task, DeliveryStatus.SENT, attempt)
        raise AssertionError("unreachable")

    def _answer(
        self, task: Task, status: DeliveryStatus, attempts: int, detail: str = ""
    ) -> Delivery:
        now = self._clock.now()
        waited = now - task.notification.caused_at
        return Delivery(
            id=task.id,
            notification_id=task.notification.id,
            recipient=task.notification.recipient,
            channel=task.channel.kind,
            status=status,
            attempts=attempts,
            at=now,
            detail=detail,
            posted_to_told_ms=max(0, int(waited.total_seconds() * 1000)),
        )

    async def _record(self, deliveries: Sequence[Delivery]) -> None:
        records = [
            record(each, each.notification_id, source="/streams/deliver", at=each.at)
            for each in deliveries
        ]
        versions = await patiently("deliver.send", lambda: self._sender.send(records))
        writes = [
            delivery_write(each, said(made), version)
            for each, made, version in zip(deliveries, records, versions, strict=True)
        ]
        await patiently("deliver.write", lambda: self._elastic.write(writes))
        for each in deliveries:
            DELIVERED.labels(each.channel, each.status).inc()
            if each.status is DeliveryStatus.SENT:
                POSTED_TO_TOLD.observe(each.posted_to_told_ms / 1000)


def plan(notification: Notification, context: Context) -> list[Task]:
    """What to send on which channel, or why nothing is sent: pure."""
    channels = _channels(context.recipient)
    if why_not := _why_not(notification, context):
        return [Task(notification, channels[0], None, why_not)]
    assert context.recipient is not None
    assert context.opening is not None
    assert context.match is not None
    message = write(
        notification.id,
        notification.kind,
        _language(context.recipient),
        context.opening,
        context.match.get("fact", {}).get("reasons", []),
    )
    return [Task(notification, channel, message) for channel in channels]


def _why_not(notification: Notification, context: Context) -> str:
    if context.recipient is None:
        return "the recipient is erased"
    if context.opening is None or context.match is None or context.match.get("erased"):
        return "the opening or the match is erased"
    preferences = context.recipient.get("preferences", {})
    if preferences.get("muted") or notification.kind in preferences.get("mutedKinds", []):
        return "muted by the recipient"
    if notification.kind is NotificationKind.NEW_MATCH and not context.match["active"]:
        return "the match no longer holds"
    return ""


def _channels(fact: Json | None) -> list[Channel]:
    stored = (fact or {}).get("channels") or [{"kind": ChannelKind.INBOX.value}]
    return [Channel.model_validate(each) for each in stored]


def _language(fact: Json) -> str:
    return str(fact.get("preferences", {}).get("language") or fact.get("language") or "zh")


def _fact(document: Json) -> Json:
    return dict(document.get("fact", {}))
