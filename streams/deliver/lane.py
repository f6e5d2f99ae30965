"""A lane: one channel with a queue, a breaker and a pace of its own, so that none delays another.

1. take what is due
2. read what holds now and judge each: let be, hold, or go
3. merge what goes to one recipient: one message, one id; urgent ones go alone
4. claim the rows (compare-and-set in the ledger): whoever loses one leaves it; under one id
   there are always the same rows
5. send, many at once, each within its patience and its lease
6. record how it ended, or that it waits for the next try

A kill before 5 leaves rows that wait or whose lease ends; a kill between 5 and 6 is the one case
that cannot be told from no sending: such a row is sent again under the same message id, or parked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

import structlog
from aiolimiter import AsyncLimiter

from roost.errors import Fatal, Transient
from roost.events.notification import Delivery, DeliveryStatus, Hold, RecipientKind, urgent
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel
from roost.time.clock import Clock
from roost.wording import Message
from streams.deliver import rows
from streams.deliver.breaker import Breaker
from streams.deliver.channels import Later, NotTaken, Sink
from streams.deliver.contexts import Context, Contexts
from streams.deliver.due_queue import DueQueue
from streams.deliver.ledger import Ledger
from streams.deliver.message_texts import Words
from streams.deliver.messages import Group, apart, grouped, new_id
from streams.deliver.planning import (
    RECIPIENT_ERASED,
    Go,
    LetBe,
    goes_on_unread,
    judge,
    next_channel,
    plan,
)
from streams.deliver.timing import County, backoff, exhausted
from streams.kernel.retry import retry_transient

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
        # No more is claimed than is being sent, where a kill parks what was claimed, and where a
        # stop would come too late for what stands in line.
        few = limiter is not None or (kind in rules.parks and not sink.knows_ids)
        self._most = AT_ONCE if few else BATCH
        self._batches = asyncio.Semaphore(1 if few else PARALLEL)
        self._places = asyncio.Semaphore(AT_ONCE)
        self._recent: dict[str, datetime] = {}
        self._random = Random()

    async def run(self) -> None:
        """Sends what is due, for ever. Raises what a batch raised that is no row's own fault."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                await self._batches.acquire()
                # An open breaker lets one probe through.
                most = 1 if self._breaker.open_until else self._most
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
            if len(taken) > 1:
                _log.warning("batch_taken_apart", lane=self.kind.value, rows=len(taken))
                for part in apart(taken):
                    await self._batch(part)
                return
            _log.error("row_failed", id=taken[0].id, error=type(error).__name__)
            await self._failed_here(taken[0], error)
        self.queue.done(taken)
        self.queue.put(left)

    async def _failed_here(self, row: Delivery, error: Exception) -> None:
        standing = (await self._ledger.rows([row.id])).get(row.id)
        if standing is not None and not standing.status.final:
            ended = rows.ended(standing, DeliveryStatus.FAILED, self._clock.now(), _fault(error))
            await self._ledger.record([ended])

    async def _handled(self, taken: Sequence[Delivery]) -> list[Delivery]:
        """Steps 2 to 6; returns the rows that wait on."""
        now = self._clock.now()
        notifications = [row.notification for row in taken]
        contexts = await retry_transient(
            "deliver.contexts", lambda: self._contexts.of(notifications)
        )
        last_sent = await self._last_sent(taken, now)
        changed: list[Delivery] = []
        moved: list[Delivery] = []
        going: list[tuple[Delivery, Context, Channel]] = []
        for row, context in zip(taken, contexts, strict=True):
            last = last_sent.get(row.notification.recipient.id)
            match judge(row, context, self._rules.county, now, last):
                case LetBe(why, anew, missed):
                    status = DeliveryStatus.FAILED if missed else DeliveryStatus.SUPPRESSED
                    changed.append(rows.ended(row, status, now, why))
                    if anew:
                        moved += plan(row.notification, context, self._rules.county, now)
                case Go(channel):
                    going.append((row, context, channel))
                case held:
                    changed.append(rows.held(row, now, held.until, held.why))
        groups = grouped(going)
        for group in groups:
            self._note(group, now)
        # Said with what ends: a kill loses neither.
        said = await self._ledger.record([*await self._ledger.unknown(moved), *changed])
        waiting = [row for row in said if row.channel is self.kind]
        groups = await self._claimed(groups, now)
        erased = await self._erased(groups)
        outcomes = await asyncio.gather(*(self._send_unless(erased, group) for group in groups))
        recorded = await self._recorded(groups, [row for each in outcomes for row in each])
        return [row for row in (*waiting, *recorded) if row.status is DeliveryStatus.WAITING]

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

    async def _claimed(self, groups: Sequence[Group], now: datetime) -> list[Group]:
        """Groups of the rows that were won. Who wins a message's first row has the message, so that
        two who merge the same rows send one.

        Somebody else may have won some of the rest nevertheless, and have the same in mind. So a
        part of a new message gets an id of its own, and a part of one that was tried, whose id
        stands, is given back: under one id there are always the same rows.
        """
        won = await self._won([(group.rows[0], group.id) for group in groups], now)
        groups = [group for group in groups if group.rows[0].id in won]
        won |= await self._won([(row, group.id) for group in groups for row in group.rows[1:]], now)
        whole: list[Group] = []
        parts: list[Group] = []
        returned: list[Delivery] = []
        for group in groups:
            left = group.only(won)
            if len(left.rows) == len(group.rows):
                whole.append(left)
            elif left.rows and group.rows[0].message_id is None:
                parts.append(replace(left, id=new_id(left.rows)))
            else:
                returned += [_untried(row, now, now) for row in left.rows]
        await self._ledger.record(returned)
        named = [rows.renamed(row, part.id, now) for part in parts for row in part.rows]
        kept = {row.id: row for row in await self._ledger.claim(named)}
        return [*whole, *(left for part in parts if (left := part.only(kept)).rows)]

    async def _won(
        self, wanted: Sequence[tuple[Delivery, str]], now: datetime
    ) -> dict[str, Delivery]:
        claims = [rows.claimed(row, message_id, now, LEASE) for row, message_id in wanted]
        return {row.id: row for row in await self._ledger.claim(claims)}

    async def _erased(self, groups: Sequence[Group]) -> set[str]:
        """Return the recipients who were erased before their rows were claimed (`erasure`)."""
        workers = {
            group.recipient.id for group in groups if group.recipient.kind is RecipientKind.WORKER
        }
        return await retry_transient(
            "deliver.erased", lambda: self._contexts.erased_workers(workers)
        )

    async def _send_unless(self, erased: Set[str], group: Group) -> list[Delivery]:
        if group.recipient.id in erased:
            return self._ended(group, DeliveryStatus.SUPPRESSED, RECIPIENT_ERASED)
        return await self._send(group)

    async def _send(self, group: Group) -> list[Delivery]:
        """Step 5: the rows as they are after the try."""
        try:
            message = self._message(group)
        except Exception as error:  # noqa: BLE001  whatever it is, one row's fault stays its own
            return await self._send_without_fault(group, error)
        recipient = group.recipient.id
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
            except Fatal:
                raise
            except Exception as error:  # noqa: BLE001  the other messages are not to blame
                self._breaker.failed(self._clock.now())
                return self._faulty(group, error)
            self._breaker.succeeded()
            now = self._clock.now()
            return [rows.sent(row, now) for row in group.rows]

    def _message(self, group: Group) -> Message:
        return self._words.of(group.id, group.rows, group.contexts, self._clock.now())

    async def _send_without_fault(self, group: Group, error: Exception) -> list[Delivery]:
        """The rows that cannot be put into words fail, and the others are sent."""
        faulty = {row.id: row for row in group.rows if not self._tellable(group, row)}
        good = {row.id: row for row in group.rows if row.id not in faulty}
        if not faulty or not good:
            return self._faulty(group, error)
        failed = self._faulty(group.only(faulty), error)
        return [*failed, *await self._send(group.only(good))]

    def _tellable(self, group: Group, row: Delivery) -> bool:
        try:
            self._message(group.only({row.id: row}))
        except Exception:  # noqa: BLE001  it is told with the row
            return False
        return True

    def _faulty(self, group: Group, error: Exception) -> list[Delivery]:
        for row in group.rows:
            _log.error("row_failed", id=row.id, error=type(error).__name__)
        return self._ended(group, DeliveryStatus.FAILED, _fault(error))

    def _ended(self, group: Group, status: DeliveryStatus, why: str) -> list[Delivery]:
        now = self._clock.now()
        return [rows.ended(row, status, now, why) for row in group.rows]

    def _again(self, group: Group, error: Transient) -> list[Delivery]:
        """All of them at the same moment, so that the message stays the same."""
        now = self._clock.now()
        attempts = max(row.attempts for row in group.rows)
        if exhausted(attempts, self._rules.attempts):
            return self._ended(group, DeliveryStatus.FAILED, str(error))
        wait = backoff(attempts, self._random)
        if isinstance(error, Later) and error.retry_after_s is not None:
            wait = max(wait, timedelta(seconds=error.retry_after_s))
        return [rows.held(row, now, now + wait, Hold.RETRY, str(error)) for row in group.rows]

    async def _recorded(self, groups: Sequence[Group], ended: Sequence[Delivery]) -> list[Delivery]:
        """How the tries ended, said after the channels to go on to: a kill loses neither.

        Where a receipt came amid sending, the end is put on top of it.
        """
        further = await self._ledger.unknown(self._further(groups, ended))
        kept = {row.id: row for row in await self._ledger.record([*further, *ended])}
        leases = {row.id: row.lease_until for group in groups for row in group.rows}
        lost = [row for row in ended if row.id not in kept]
        while lost:
            standing = await self._ledger.rows(row.id for row in lost)
            lost = [
                rows.upon(standing[row.id], row)
                for row in lost
                if standing[row.id].status is DeliveryStatus.SENDING
                and standing[row.id].lease_until == leases[row.id]
            ]
            kept |= {row.id: row for row in await self._ledger.record(lost)}
            lost = [row for row in lost if row.id not in kept]
        return [kept[row.id] for row in ended if row.id in kept]

    def _further(self, groups: Sequence[Group], ended: Sequence[Delivery]) -> list[Delivery]:
        """The next channel: at once where this one failed, later where it may stay unread."""
        contexts = {
            row.id: context
            for group in groups
            for row, context in zip(group.rows, group.contexts, strict=True)
        }
        now = self._clock.now()
        further = []
        for row in ended:
            channel = next_channel(row, contexts[row.id])
            if channel is None:
                continue
            if row.status is DeliveryStatus.FAILED:
                further.append(rows.waiting(row.notification, channel, now, now))
            elif row.status is DeliveryStatus.SENT and goes_on_unread(row):
                due = now + self._rules.unread_after
                further.append(rows.waiting(row.notification, channel, now, due, Hold.UNREAD))
        return further


def _untried(row: Delivery, now: datetime, until: datetime) -> Delivery:
    """Back to waiting: the channel is left alone, or the lease is nearly over. No try counts."""
    waits = rows.held(row, now, max(until, now), Hold.RETRY, "the channel is left alone")
    return waits.model_copy(update={"attempts": row.attempts - 1})


def _fault(error: Exception) -> str:
    return f"a fault of the stage: {type(error).__name__}"
