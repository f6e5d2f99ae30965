"""A lane: one channel with a queue, a breaker and a pace of its own, so that none delays another.

1. take what is due
2. read what holds now and judge each: let be, hold, or go
3. merge what goes to one recipient: one message, one id; urgent ones go alone
4. claim the rows (compare-and-set in the ledger): whoever loses one leaves it
5. send, many at once, each within its patience and its lease
6. record how it ended, or that it waits for the next try

A kill before 5 leaves rows that wait or whose lease ends; a kill between 5 and 6 is the one case
that cannot be told from no sending: such a row is sent again under the same message id, or parked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import structlog
from aiolimiter import AsyncLimiter

from roost import ids
from roost.clock import Clock
from roost.errors import Fatal, Transient
from roost.events.notification import Delivery, DeliveryStatus, Hold, RecipientKind
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel
from streams.deliver import rows
from streams.deliver.breaker import Breaker
from streams.deliver.channels import Later, NotTaken, Sink
from streams.deliver.contexts import Context, Contexts
from streams.deliver.ledger import Ledger
from streams.deliver.planning import Go, LetBe, goes_on_unread, judge, next_channel, urgent
from streams.deliver.queue import DueQueue
from streams.deliver.timing import County, backoff, exhausted
from streams.deliver.words import Words
from streams.guard import patiently

_log = structlog.get_logger(__name__)
BATCH = 128
PARALLEL = 3
"""Batches of a lane under way at once: one slow message does not hold up the rest."""
AT_ONCE = 16
"""Messages of a lane under way at once."""
LEASE = timedelta(seconds=60)
SPARE = timedelta(seconds=15)
"""Nothing is sent when less of the lease is left: whoever comes next might send it too."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for every lane."""

    county: County
    attempts: int
    unread_after: timedelta
    parks: frozenset[ChannelKind] = frozenset()
    """Channels on which a send that a kill cut off is parked, not repeated."""


@dataclass(slots=True)
class Group:
    """Rows that go out as one message."""

    id: str
    channel: Channel
    rows: list[Delivery]
    contexts: list[Context] = field(default_factory=list)


class Lane:
    def __init__(
        self,
        kind: ChannelKind,
        sink: Sink,
        contexts: Contexts,
        ledger: Ledger,
        words: Words,
        clock: Clock,
        rules: Rules,
        limiter: AsyncLimiter | None = None,
    ) -> None:
        self.kind = kind
        self.queue = DueQueue(clock)
        self._sink = sink
        self._contexts = contexts
        self._ledger = ledger
        self._words = words
        self._clock = clock
        self._rules = rules
        self._limiter = limiter
        self._breaker = Breaker()
        self._batches = asyncio.Semaphore(PARALLEL)
        self._places = asyncio.Semaphore(AT_ONCE)
        self._recent: dict[str, datetime] = {}
        self._random = Random()

    async def run(self) -> None:
        """Sends what is due, for ever. Raises what a batch raised that is no row's own fault."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                await self._batches.acquire()
                # An open breaker lets one probe through.
                most = 1 if self._breaker.open_until else BATCH
                taken = await self.queue.take(most, self._closed_from)
                if not taken:
                    return
                task = tasks.create_task(self._batch(taken))
                task.add_done_callback(lambda _: self._batches.release())

    def close(self) -> None:
        """Takes nothing more; `run` returns when what is under way has ended."""
        self.queue.close()

    def _closed_from(self) -> datetime | None:
        return self._breaker.closed_from(self._clock.now())

    async def _batch(self, taken: Sequence[Delivery]) -> None:
        left: list[Delivery] = []
        try:
            left = await self._handled(taken)
        except Fatal:
            raise
        except Exception as error:  # noqa: BLE001  whatever it is, one row's fault stays its own
            if len(taken) == 1:
                _log.error("row_failed", id=taken[0].id, error=type(error).__name__)
                await self._failed_here(taken[0], error)
            else:
                _log.warning("batch_taken_apart", lane=self.kind.value, rows=len(taken))
                for row in taken:
                    await self._batch([row])
        self.queue.done(taken)
        self.queue.put(left)

    async def _failed_here(self, row: Delivery, error: Exception) -> None:
        standing = (await self._ledger.rows([row.id])).get(row.id)
        if standing is not None and not standing.status.final:
            why = f"a fault of the stage: {type(error).__name__}"
            ended = rows.ended(standing, DeliveryStatus.FAILED, self._clock.now(), why)
            await self._ledger.record([ended])

    async def _handled(self, taken: Sequence[Delivery]) -> list[Delivery]:
        """Steps 2 to 6; returns the rows that wait on."""
        now = self._clock.now()
        notifications = [row.notification for row in taken]
        contexts = await patiently("deliver.contexts", lambda: self._contexts.of(notifications))
        last_sent = await self._last_sent(taken, now)
        changed: list[Delivery] = []
        going: list[tuple[Delivery, Context, Channel]] = []
        for row, context in zip(taken, contexts, strict=True):
            last = last_sent.get(row.notification.recipient.id)
            match judge(row, context, self._rules.county, now, last):
                case LetBe(why):
                    changed.append(rows.ended(row, DeliveryStatus.SUPPRESSED, now, why))
                case Go(channel):
                    going.append((row, context, channel))
                case held:
                    changed.append(rows.held(row, now, held.until, held.why))
        waiting = await self._ledger.record(changed)
        for group in grouped(going):
            self._note(group, now)
        groups = await self._claimed(grouped(going))
        tried = await asyncio.gather(*(self._tried(group) for group in groups))
        outcomes = [row for each in tried for row in each]
        further = await self._ledger.unknown(self._further(groups, outcomes))
        # Said together: a kill after an outcome leaves no notification without its next channel.
        recorded = await self._ledger.record([*outcomes, *further])
        mine = [row for row in (*waiting, *recorded) if row.channel is self.kind]
        return [row for row in mine if row.status is DeliveryStatus.WAITING]

    async def _last_sent(self, taken: Sequence[Delivery], now: datetime) -> dict[str, datetime]:
        gap = self._rules.county.gap
        workers = {
            row.notification.recipient.id
            for row in taken
            if row.notification.recipient.kind is RecipientKind.WORKER
            and not urgent(row.notification)
            and row.message_id is None
        }
        if not gap or not workers:
            return {}
        self._recent = {id: at for id, at in self._recent.items() if at > now - gap}
        found = await self._ledger.last_sent(self.kind, workers, now - gap)
        for id in workers & self._recent.keys():
            found[id] = max(self._recent[id], found.get(id, self._recent[id]))
        return found

    def _note(self, group: Group, now: datetime) -> None:
        """What goes out now counts at once, before a search can find it."""
        self._recent[group.rows[0].notification.recipient.id] = now

    async def _claimed(self, groups: Sequence[Group]) -> list[Group]:
        """Who wins a message's first row has it: of two that merge the same rows one sends.

        So a message id never stands for different rows, of which its receiver would drop some.
        """
        now = self._clock.now()
        won = await self._won(((group.rows[0], group.id) for group in groups), now)
        mine = [group for group in groups if group.rows[0].id in won]
        won |= await self._won(((row, group.id) for group in mine for row in group.rows[1:]), now)
        kept = []
        for group in groups:
            pairs = [
                (won[row.id], context)
                for row, context in zip(group.rows, group.contexts, strict=True)
                if row.id in won
            ]
            if pairs:
                taken, contexts = zip(*pairs, strict=True)
                kept.append(Group(group.id, group.channel, list(taken), list(contexts)))
        return kept

    async def _won(
        self, wanted: Iterable[tuple[Delivery, str]], now: datetime
    ) -> dict[str, Delivery]:
        claims = [rows.claimed(row, id, now, LEASE) for row, id in wanted]
        return {row.id: row for row in await self._ledger.claim(claims)}

    async def _tried(self, group: Group) -> list[Delivery]:
        """Step 5: the rows as they are after the try. A message's fault stays its own: the others
        of the batch are being sent, and have to be recorded."""
        try:
            return await self._send(group)
        except Fatal:
            raise
        except Exception as error:  # noqa: BLE001  whatever it is, a dead letter tells of it
            kind = type(error).__name__
            _log.error("message_failed", id=group.id, error=kind)
            return self._ended(group, DeliveryStatus.FAILED, f"a fault of the stage: {kind}")

    async def _send(self, group: Group) -> list[Delivery]:
        message = self._words.of(group.id, group.rows, group.contexts, self._clock.now())
        recipient = group.rows[0].notification.recipient.id
        async with self._places:
            if self._limiter is not None:
                await self._limiter.acquire()
            now = self._clock.now()
            lease = group.rows[0].lease_until
            assert lease is not None
            blocked = self._breaker.closed_from(now)
            if blocked is not None or lease - now < SPARE:
                return [_untried(row, now, blocked or now) for row in group.rows]
            self._breaker.trying()
            try:
                await self._sink.send(message, recipient, group.channel.address, now)
            except NotTaken as error:
                self._breaker.succeeded()  # it answered
                return self._ended(group, DeliveryStatus.FAILED, str(error))
            except Transient as error:
                self._breaker.failed(self._clock.now())
                return self._again(group, error)
            except Exception:
                self._breaker.failed(self._clock.now())
                raise
            self._breaker.succeeded()
            now = self._clock.now()
            return [rows.sent(row, now) for row in group.rows]

    def _ended(self, group: Group, status: DeliveryStatus, why: str) -> list[Delivery]:
        now = self._clock.now()
        return [rows.ended(row, status, now, why) for row in group.rows]

    def _again(self, group: Group, error: Transient) -> list[Delivery]:
        """All at the same moment: what was one message stays one."""
        now = self._clock.now()
        attempts = max(row.attempts for row in group.rows)
        if exhausted(attempts, self._rules.attempts):
            return self._ended(group, DeliveryStatus.FAILED, str(error))
        wait = backoff(attempts, self._random)
        if isinstance(error, Later) and error.retry_after_s is not None:
            wait = max(wait, timedelta(seconds=error.retry_after_s))
        until, why = now + wait, str(error)
        return [rows.held(row, now, until, Hold.RETRY, why) for row in group.rows]

    def _further(self, groups: Sequence[Group], outcomes: Sequence[Delivery]) -> list[Delivery]:
        """On the next channel: at once where this one failed, later where it may stay unread."""
        contexts = {
            row.id: context
            for group in groups
            for row, context in zip(group.rows, group.contexts, strict=True)
        }
        now = self._clock.now()
        further = []
        for row in outcomes:
            channel = next_channel(row, contexts[row.id])
            if channel is None:
                continue
            if row.status is DeliveryStatus.FAILED:
                further.append(rows.waiting(row.notification, channel, now, now))
            elif row.status is DeliveryStatus.SENT and goes_on_unread(row):
                due = now + self._rules.unread_after
                further.append(rows.waiting(row.notification, channel, now, due, Hold.UNREAD))
        return further


def grouped(going: Sequence[tuple[Delivery, Context, Channel]]) -> list[Group]:
    """One group a message: what was tried together stays together, urgent ones go alone.

    The id of a message of one is the notification's own; that of several is derived from theirs.
    """
    found: dict[tuple[str, str], list[tuple[Delivery, Context, Channel]]] = {}
    for each in going:
        row = each[0]
        alone = urgent(row.notification) or (
            row.notification.recipient.kind is not RecipientKind.WORKER
        )
        mark = row.message_id or (row.notification.id if alone else "")
        found.setdefault((row.notification.recipient.id, mark), []).append(each)
    groups = []
    for parts in found.values():
        parts.sort(key=lambda each: each[0].id)
        taken = [each[0] for each in parts]
        groups.append(Group(_message_id(taken), parts[0][2], taken, [each[1] for each in parts]))
    return groups


def _message_id(taken: Sequence[Delivery]) -> str:
    if taken[0].message_id is not None:
        return taken[0].message_id
    if len(taken) == 1:
        return taken[0].notification.id
    return ids.derive("n", *sorted(row.id for row in taken))


def _untried(row: Delivery, now: datetime, until: datetime) -> Delivery:
    """Back to waiting: the channel is left alone, or the lease is nearly over. No try counts."""
    waits = rows.held(row, now, max(until, now), Hold.RETRY, "the channel is left alone")
    return waits.model_copy(update={"attempts": row.attempts - 1})
