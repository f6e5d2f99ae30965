"""deliver: `notifications`, `receipts`, tombstones ─► deliveries ─► channels.

It is a separate consumer group, so slow channels never slow matching.

    notification ─► planned: a row in the ledger for every chosen channel; one that a lane takes
                        at once is written to the view by its claim            (committed here)
                        └─► lane of its channel ─► sent, failed, suppressed or parked
    receipt      ─► recorded on the notification's rows                        (committed here)
    tombstone of `profiles` or `employers`
                 ─► waits for the view, then for deliveries in flight, then the recipient's
                    texts are taken out of the outbox (`erasure`)              (committed here)

Notifications of other producers than notify, such as the API's codes for addresses, are written
into their view first (`ForeignRecords`). Within a batch notifications come before receipts, and
receipts before tombstones. The lanes go on while a tombstone waits. A repeat of any of them, also
of years-old tombstones, changes nothing.

Every process looks each second for rows that wait in the ledger (quiet hours, digests, retries); a
claim gives a row to one of them. So nothing depends on a process's memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from types import MappingProxyType
from typing import Any

from aiolimiter import AsyncLimiter

from roost.events.notification import Delivery, DeliveryStatus, Notification, RecipientKind
from roost.events.preferences import ChannelKind
from roost.events.receipt import Receipt
from roost.ids import delivery_id
from roost.kafka.incoming import Fact
from roost.metrics import OLDEST_PENDING
from roost.time.clock import Clock
from roost.topics import EMPLOYERS, NOTIFICATIONS, PROFILES, RECEIPTS, Topic
from roost.views.elastic import Elastic
from streams.deliver import rows
from streams.deliver.contexts import Context, Contexts
from streams.deliver.cost_gate import Spending
from streams.deliver.cost_queries import ElasticSpending
from streams.deliver.delivery_errors import Sink
from streams.deliver.delivery_rules import DeliveryRules
from streams.deliver.due_queue import ROOM, InHand
from streams.deliver.erasure import MessageTexts, TextErasure
from streams.deliver.lane import Lane
from streams.deliver.ledger import Ledger
from streams.deliver.message_texts import MessageWriter
from streams.deliver.oldest_due import oldest_due
from streams.deliver.outages import Outages
from streams.deliver.outcomes import successors
from streams.deliver.planning import plan
from streams.deliver.receipts import noted_receipt
from streams.kernel.retry import retry_transient
from streams.views.projections import Follower

POLL_EVERY_S = 1.0
MEASURE_EVERY_S = 15.0
SETTLES_WITHIN_S = 12.0
"""The time that messages in flight get when the process is asked to end."""
LANES = 200
"""Most lanes: each webhook has its own until they are used up; the others share one."""
ENDPOINTS = "endpoints"
OWN_ROOM = 20_000
"""Most rows that the webhooks' own lanes hold together."""
ERASING = frozenset({PROFILES, EMPLOYERS})
"""Topics whose tombstones erase a recipient's texts."""
SENT_LATER = tuple(kind for kind in ChannelKind if kind is not ChannelKind.INBOX)
"""Channels with lanes; an inbox entry is delivered by being recorded."""


class DeliverStage:
    """The stage that plans deliveries and runs the lanes which send them."""

    name = "deliver"
    topics: tuple[Topic, ...] = (NOTIFICATIONS, RECEIPTS, PROFILES, EMPLOYERS)
    tombstones_only = ERASING

    def __init__(
        self,
        elastic: Elastic,
        ledger: Ledger,
        clock: Clock,
        sinks: Mapping[ChannelKind, Sink],
        endpoints: Sink,
        writer: MessageWriter,
        rules: DeliveryRules,
        rates: Mapping[str, float],
        outbox: MessageTexts,
        foreign: Follower,
        outages: Outages | None = None,
        spending: Spending | None = None,
    ) -> None:
        self._elastic = elastic
        self._contexts = Contexts(elastic)
        self._ledger = ledger
        self._clock = clock
        self._sinks = sinks
        self._endpoints = endpoints
        self._writer = writer
        self._rules = rules
        self._rates = rates
        self._foreign = foreign
        self._outages = outages
        self._spending = spending or ElasticSpending(elastic)
        self._erasure = TextErasure(elastic, ledger, outbox)
        self._lanes: dict[str, Lane] = {}
        self._tasks: asyncio.TaskGroup | None = None
        self._running: list[asyncio.Task[None]] = []

    async def handle(self, facts: Sequence[Fact[Any]]) -> None:
        """Plan the notifications, record the receipts, queue the erasures of erased workers."""
        await self._foreign.write(facts)
        events = [fact.event for fact in facts]
        notifications = [event for event in events if isinstance(event, Notification)]
        due = list({each.id: each for each in notifications}.values())
        if due:
            await self._plan(due)
        for event in events:
            if isinstance(event, Receipt):
                await self._record(event)
        self._erasure.add(_tombstones(facts))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the lanes while the context is entered; at the end let messages in flight finish."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            alongside = [
                tasks.create_task(self._poll_repeatedly(), name="ledger"),
                tasks.create_task(self._measure_repeatedly(), name="oldest-due"),
                tasks.create_task(self._erasure.run(), name="erasure"),
                tasks.create_task(self._erasure.sweep_repeatedly(), name="erasure-sweep"),
            ]
            try:
                yield
            finally:
                for each in alongside:
                    each.cancel()
                await self._settle()

    async def _settle(self) -> None:
        for lane in self._lanes.values():
            lane.close()
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=SETTLES_WITHIN_S)
            for each in late:
                each.cancel()

    async def _plan(self, due: Sequence[Notification]) -> None:
        contexts = await retry_transient(
            "deliver.contexts", lambda: self._contexts.read(due, inbox=False)
        )
        now = self._clock.now()
        made = [
            row
            for notification, context in zip(due, contexts, strict=True)
            for row in plan(notification, context, self._rules.county, now)
        ]
        new = await self._ledger.unplanned(made)
        by_id = {each.id: context for each, context in zip(due, contexts, strict=True)}
        recorded = await self._ledger.record_plan(
            new, self._taken_at_once(new), lambda at_once: self._queue(at_once, by_id)
        )
        self._queue(recorded, by_id)

    def _taken_at_once(self, planned: Sequence[Delivery]) -> list[Delivery]:
        """Return the rows that idle lanes claim now: their first write to the view is the claim."""
        by_lane: dict[Lane, list[Delivery]] = {}
        for row in planned:
            if row.status is DeliveryStatus.WAITING:
                by_lane.setdefault(self._lane_of(row), []).append(row)
        return [row for lane, waiting in by_lane.items() for row in lane.taken_at_once(waiting)]

    def _queue(
        self,
        planned: Sequence[Delivery],
        contexts: Mapping[str, Context] = MappingProxyType({}),
    ) -> None:
        """Give waiting rows to their lanes, with the contexts just read, by notification."""
        by_lane: dict[Lane, list[Delivery]] = {}
        for row in planned:
            if row.status is DeliveryStatus.WAITING:
                lane = self._lane_of(row)
                by_lane.setdefault(lane, []).append(row)
                if (context := contexts.get(row.notification.id)) is not None:
                    lane.planned.add(row, context)
        for lane, waiting in by_lane.items():
            lane.queue.put(waiting)

    async def _record(self, receipt: Receipt) -> None:
        """Record a receipt on every row of its notification; retry if a row changes meanwhile."""
        ids = [delivery_id(receipt.notification_id, kind.value) for kind in ChannelKind]
        while True:
            current = (await self._ledger.rows(ids)).values()
            noted = [
                changed
                for row in current
                if row.notification.recipient.id == receipt.recipient.id
                and (changed := noted_receipt(row, receipt)) is not None
            ]
            # The channels that take over are recorded first, so a kill loses neither.
            await self._ledger.record(await self._taking_over(noted))
            kept = await self._ledger.record(noted)
            if len(kept) == len(noted):
                return

    async def _taking_over(self, noted: Sequence[Delivery]) -> list[Delivery]:
        """Return rows for the next channels of those that a provider could not deliver.

        A channel that would have taken over if the message stayed unread takes over now.
        """
        failed = [row for row in noted if row.status is DeliveryStatus.FAILED]
        if not failed:
            return []
        contexts = await retry_transient(
            "deliver.contexts", lambda: self._contexts.read([row.notification for row in failed])
        )
        by_id = {row.id: context for row, context in zip(failed, contexts, strict=True)}
        now = self._clock.now()
        further = successors(failed, by_id, now, self._rules.unread_after)
        known = await self._ledger.rows(row.id for row in further)
        new = [row for row in further if row.id not in known]
        return [*new, *(rows.hastened(row, now) for row in known.values() if rows.is_spare(row))]

    async def _poll_repeatedly(self) -> None:
        while True:
            await self.poll()
            await asyncio.sleep(POLL_EVERY_S)

    async def poll(self) -> None:
        """Queue the due rows that this process does not hold, and those that a kill interrupted."""
        now = self._clock.now()
        self._queue(await self._ledger.due(self._in_hand(), now))
        # Rows taken over are due at once; the next poll finds all rows of a message together.
        cut = [self._taken_over(row, now) for row in await self._ledger.interrupted(now)]
        await self._ledger.record(cut)

    async def _measure_repeatedly(self) -> None:
        while True:
            await self.measure()
            await asyncio.sleep(MEASURE_EVERY_S)

    async def measure(self) -> None:
        """Set the age of the oldest due delivery for each kind of recipient."""
        now = self._clock.now()
        since = await retry_transient("deliver.oldest", lambda: oldest_due(self._elastic, now))
        for kind in RecipientKind:
            age = now - since.get(kind, now)
            OLDEST_PENDING.labels(self.name, kind.value).set(age.total_seconds())

    def _in_hand(self) -> dict[ChannelKind, InHand]:
        """Return the rows that this process holds, for every channel with lanes."""
        held: dict[ChannelKind, InHand] = dict.fromkeys(SENT_LATER, InHand())
        for lane in self._lanes.values():
            held[lane.kind] |= lane.queue.in_hand()
        return held

    def _taken_over(self, row: Delivery, now: datetime) -> Delivery:
        """Return a row that a kill interrupted: to be sent under the same id, or parked.

        If a report says that it arrived, it is sent.
        """
        if row.delivered_at is not None:
            return rows.sent(row, now)
        if row.channel in self._rules.parks and not self._sink_of(row).knows_ids:
            why = "its sender was killed during the send; check whether it arrived"
            return rows.ended(row, DeliveryStatus.PARKED, now, why)
        return rows.interrupted(row, now)

    def _sink_of(self, row: Delivery) -> Sink:
        webhook = row.notification.recipient.kind is RecipientKind.WEBHOOK
        return self._endpoints if webhook else self._sinks[row.channel]

    def _lane_of(self, row: Delivery) -> Lane:
        name = row.channel.value
        if row.notification.recipient.kind is RecipientKind.WEBHOOK:
            own = row.notification.recipient.id
            name = own if own in self._lanes or len(self._lanes) < LANES else ENDPOINTS
        if name not in self._lanes:
            self._lanes[name] = self._new_lane(row, own=name.startswith("h-"))
            self._share_room()
            assert self._tasks is not None
            running = self._tasks.create_task(self._lanes[name].run(), name=f"lane-{name}")
            self._running.append(running)
        return self._lanes[name]

    def _share_room(self) -> None:
        """Bound the rows that all webhooks' own lanes hold together."""
        own = [lane for name, lane in self._lanes.items() if name.startswith("h-")]
        for lane in own:
            lane.queue.room = min(ROOM, OWN_ROOM // len(own))

    def _new_lane(self, row: Delivery, *, own: bool) -> Lane:
        rate = self._rates.get(row.channel.value)
        return Lane(
            row.channel,
            self._sink_of(row),
            self._contexts,
            self._ledger,
            self._writer,
            self._clock,
            self._rules,
            AsyncLimiter(max(1.0, rate / 60), 60 * max(1.0, rate / 60) / rate) if rate else None,
            shared=row.notification.recipient.kind is not RecipientKind.WEBHOOK,
            own=own,
            outages=self._outages,
            spending=self._spending,
        )


def _tombstones(facts: Sequence[Fact[Any]]) -> list[Fact[Any]]:
    return [fact for fact in facts if fact.event is None and fact.origin.topic in ERASING]
