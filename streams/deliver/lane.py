"""A lane: one channel with its own queue, circuit breakers and rate, so that none delays another.

Within a lane the queue serves every receiver in turn, and each has a separate breaker.

1. take the due rows
2. read the current views, unless the row was planned just now, and judge each row: drop, hold or
   send
3. merge the rows to one recipient into one message with one id; urgent ones go alone
4. claim the rows (`claims`), then compare the versions of all that the verdict rests on. If any
   has changed, release the rows and judge them again: a worker who was erased, or stopped all
   messages, before the claim is sent nothing (`erasure`)
5. send, many messages at once, each within its timeout and its lease (`message_sender`)
6. record the outcome, or the time of the next attempt (`outcomes`)

A kill before 5 leaves rows that wait, or whose lease expires. Only after a kill between 5 and 6
nobody can tell whether the message was sent: such a row is sent again under the same message id,
or parked.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from aiolimiter import AsyncLimiter

from roost.errors import Fatal
from roost.events.notification import STOPPABLE, Delivery, DeliveryStatus, urgent
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel
from roost.time.clock import Clock
from roost.wording import Message
from streams.deliver import rows
from streams.deliver.breaker import Breakers
from streams.deliver.claims import claim_groups
from streams.deliver.contexts import Context, Contexts
from streams.deliver.cost_gate import CostGate, Spending
from streams.deliver.delivery_errors import BilledByText, Sink
from streams.deliver.delivery_rules import DeliveryRules
from streams.deliver.due_queue import PER_RECEIVER, ROOM, DueQueue
from streams.deliver.ledger import Ledger
from streams.deliver.message_sender import AT_ONCE, MessageSender, fault_detail
from streams.deliver.message_texts import MessageWriter
from streams.deliver.messages import (
    MessageGroup,
    group_by_message,
    message_mark,
    split_batch,
)
from streams.deliver.outages import Outages
from streams.deliver.outcomes import record_outcomes
from streams.deliver.planned_contexts import PlannedContexts
from streams.deliver.planning import Drop, Go, judge, plan
from streams.kernel.retry import retry_transient

_log = structlog.get_logger(__name__)
BATCH = 128
PARALLEL = 3
"""Batches of a lane in progress at the same time: one slow message does not delay the rest."""

PER_RECEIVER_AT_ONCE = 4
"""Most messages in flight to one receiver of a lane that several share: one that hangs leaves the
other slots free."""


@dataclass(slots=True)
class _Judged:
    """The rows of a batch by verdict."""

    changed: list[Delivery] = field(default_factory=list)
    """Dropped or held rows."""
    replanned: list[Delivery] = field(default_factory=list)
    """Rows on the recipient's current channels, in place of a channel that is gone."""
    going: list[tuple[Delivery, Context, Channel]] = field(default_factory=list)


class Lane:
    """One channel's deliveries, from due to recorded.

    `shared` channels go through one service, which may be away; webhooks do not. A lane that is
    one receiver's `own` bounds it by the lane alone.
    """

    def __init__(
        self,
        kind: ChannelKind,
        sink: Sink,
        contexts: Contexts,
        ledger: Ledger,
        writer: MessageWriter,
        clock: Clock,
        rules: DeliveryRules,
        limiter: AsyncLimiter | None = None,
        *,
        shared: bool = True,
        own: bool = False,
        outages: Outages | None = None,
        spending: Spending | None = None,
    ) -> None:
        self.kind = kind
        self.queue = DueQueue(clock, per_receiver=ROOM if own else PER_RECEIVER)
        self.planned = PlannedContexts(clock)
        self._contexts = contexts
        self._ledger = ledger
        self._clock = clock
        self._rules = rules
        self._outages = outages
        at_once = ROOM if own else PER_RECEIVER_AT_ONCE
        self._breakers = Breakers(clock, shared=shared, at_once=at_once)
        self._sender = MessageSender(sink, writer, clock, self._breakers, rules, limiter)
        self._gate = self._cost_gate(sink, spending)
        # Claim no more than is sent at once where a kill parks every claimed row, and where the
        # rate would keep claimed rows waiting beyond the time that a stop allows.
        few = (
            self._gate is not None
            or limiter is not None
            or (kind in rules.parks and not sink.knows_ids)
        )
        self._most = AT_ONCE if few else BATCH
        self._batches = asyncio.Semaphore(1 if few else PARALLEL)
        self._recent: dict[str, datetime] = {}
        self._idle = True

    def _cost_gate(self, sink: Sink, spending: Spending | None) -> CostGate | None:
        """Return the gate of a channel that costs money; None for the others."""
        costs = self._rules.costs
        if costs is None or spending is None or not costs.price(self.kind):
            return None
        billed = sink.billed_text if isinstance(sink, BilledByText) else _body
        render = self._sender.rendered
        return CostGate(self.kind, self._ledger, spending, costs, self._clock, render, billed)

    async def run(self) -> None:
        """Send due rows until the lane is closed. Raises errors that no single row caused."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                await self._batches.acquire()
                # An open breaker lets a few probes through.
                most = self._breakers.most_at_once(self._most)
                self._idle = True
                taken = await self.queue.take(most, self._breakers)
                self._idle = False
                if not taken:
                    return
                task = tasks.create_task(self._process(taken))
                task.add_done_callback(lambda _: self._batches.release())

    def taken_at_once(self, waiting: Sequence[Delivery]) -> list[Delivery]:
        """Return the due rows that an idle lane takes as its next batch; none of a busy one.

        Rows of one message are taken together or not at all.
        """
        if not self._idle or len(self.queue):
            return []
        messages: dict[str, list[Delivery]] = {}
        for row in waiting:
            messages.setdefault(message_mark(row), []).append(row)
        most, now = self._breakers.most_at_once(self._most), self._clock.now()
        chosen: list[Delivery] = []
        in_flight: Counter[str] = Counter()
        for message in messages.values():
            receiver = message[0].notification.recipient.id
            if (
                len(chosen) + len(message) <= most
                and in_flight[receiver] < self._breakers.at_once(receiver)
                and self._breakers.closed_from(receiver) is None
                and all(row.due_at <= now for row in message)
            ):
                chosen += message
                in_flight[receiver] += 1
        return chosen

    def close(self) -> None:
        """Take no more rows; `run` returns when the batches in progress have ended."""
        self.queue.close()

    async def _process(self, taken: Sequence[Delivery]) -> None:
        """Handle a batch; if it raises, handle its messages one by one: only the culprit fails."""
        left: list[Delivery] = []
        try:
            left = await self._handle(taken)
        except Fatal:
            raise
        except Exception as error:  # noqa: BLE001  one row's fault must not fail the others
            if len(taken) > 1:
                _log.warning("batch_split", lane=self.kind.value, rows=len(taken))
                for part in split_batch(taken):
                    await self._process(part)
                return
            _log.error("row_failed", id=taken[0].id, error=type(error).__name__)
            await self._fail(taken[0], error)
        self.queue.done(taken)
        self.queue.put(left)

    async def _fail(self, row: Delivery, error: Exception) -> None:
        current = (await self._ledger.rows([row.id])).get(row.id)
        if current is not None and not current.status.final:
            now, why = self._clock.now(), fault_detail(error)
            await self._ledger.record([rows.ended(current, DeliveryStatus.FAILED, now, why)])

    async def _handle(self, taken: Sequence[Delivery]) -> list[Delivery]:
        """Run steps 2 to 6; return the rows that still wait."""
        now = self._clock.now()
        judged = await self._judge(taken, now)
        groups = group_by_message(judged.going)
        for group in groups:
            # It counts for the minimum gap at once, before a search can find it.
            self._recent[group.recipient.id] = now
        # Dropped rows and their replacements are recorded together: a kill loses neither.
        replanned = await self._ledger.unknown(judged.replanned)
        recorded = await self._ledger.record([*replanned, *judged.changed])
        waiting = [row for row in recorded if row.channel is self.kind]
        outcomes = await self._deliver(await claim_groups(self._ledger, groups, now))
        return [row for row in (*waiting, *outcomes) if row.status is DeliveryStatus.WAITING]

    async def _judge(self, taken: Sequence[Delivery], now: datetime) -> _Judged:
        """Run step 2."""
        contexts = await self._contexts_of(taken)
        last_sent = await self._last_sent(taken, now)
        judged = _Judged()
        for row, context in zip(taken, contexts, strict=True):
            last = last_sent.get(row.notification.recipient.id)
            match judge(row, context, self._rules.county, now, last):
                case Drop(why, replan, missed):
                    status = DeliveryStatus.FAILED if missed else DeliveryStatus.SUPPRESSED
                    judged.changed.append(rows.ended(row, status, now, why))
                    if replan:
                        judged.replanned += plan(row.notification, context, self._rules.county, now)
                case Go(channel):
                    judged.going.append((row, context, channel))
                case pause:
                    judged.changed.append(rows.held(row, now, pause.until, pause.why))
        return judged

    async def _contexts_of(self, taken: Sequence[Delivery]) -> list[Context]:
        """Return the context of each row: as it was planned just now, or as it is read now."""
        planned = self.planned.take(taken)
        left = [row.notification for row in taken if row.id not in planned]
        read = iter(
            await retry_transient("deliver.contexts", lambda: self._contexts.read(left))
            if left
            else ()
        )
        return [planned[row.id] if row.id in planned else next(read) for row in taken]

    async def _last_sent(self, taken: Sequence[Delivery], now: datetime) -> dict[str, datetime]:
        """Return when this lane last sent to each recipient, as far as the minimum gap matters."""
        gap = self._rules.county.gap
        recipients = {
            row.notification.recipient.id
            for row in taken
            if row.notification.recipient.kind in STOPPABLE
            and not urgent(row.notification)
            and row.message_id is None
        }
        if not gap or not recipients:
            return {}
        self._recent = {id: at for id, at in self._recent.items() if at > now - gap}
        found = await self._ledger.last_sent(self.kind, recipients, now - gap)
        for id in recipients & self._recent.keys():
            found[id] = max(self._recent[id], found.get(id, self._recent[id]))
        return found

    async def _deliver(self, groups: Sequence[MessageGroup]) -> list[Delivery]:
        """Run the rest of step 4, then 5 and 6, for claimed messages."""
        outdated = await self._outdated(groups)
        changed = [group for group, is_old in zip(groups, outdated, strict=True) if is_old]
        going = [group for group, is_old in zip(groups, outdated, strict=True) if not is_old]
        held: list[Delivery] = []
        if self._gate is not None:
            going, held = await self._gate.admit(going)
        outcomes = await asyncio.gather(
            *(self._sender.release(group) for group in changed),
            *(self._sender.send(group) for group in going),
        )
        ended = [row for each in outcomes for row in each]
        kept = await record_outcomes(
            self._ledger, groups, ended, self._clock.now(), self._rules.unread_after
        )
        if self._outages is not None:
            await self._outages.observe(kept)
        return [*(row for row in held if row.channel is self.kind), *kept]

    async def _outdated(self, groups: Sequence[MessageGroup]) -> list[bool]:
        """Return whether anything that each message was judged by has changed since."""
        contexts = [context for group in groups for context in group.contexts]
        changed = iter(
            await retry_transient("deliver.outdated", lambda: self._contexts.outdated(contexts))
        )
        return [True in [next(changed) for _ in group.contexts] for group in groups]


def _body(message: Message) -> str:
    return message.body
