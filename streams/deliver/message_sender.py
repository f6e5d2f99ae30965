"""The sending of claimed messages on one channel, and the state of their rows afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import structlog
from aiolimiter import AsyncLimiter

from roost.errors import Fatal, Transient
from roost.events.notification import Answer, Delivery, DeliveryStatus, Hold
from roost.time.clock import Clock
from roost.time.leases import Lease, LeaseEnded
from roost.wording import Message
from streams.deliver import rows
from streams.deliver.breaker import Breakers
from streams.deliver.delivery_errors import DeliveryRefused, RetryLater, Sink
from streams.deliver.delivery_rules import DeliveryRules
from streams.deliver.message_texts import MessageWriter
from streams.deliver.messages import MessageGroup
from streams.deliver.retries import Failure, next_attempt

_log = structlog.get_logger(__name__)
AT_ONCE = 16
"""Messages of a channel that are in flight at the same time."""
CHANGED_AGAIN = timedelta(seconds=1)
"""Wait of a message whose documents changed between a new read and its claim."""
SPARE = timedelta(seconds=15)
"""Nothing is sent with less of the lease left: the next sender might send it too."""
WAITED = "it waited too long for a connection"
"""Reason of a message that was not sent since its lease ended."""


class MessageSender:
    """Sends messages within their lease, the breaker's state and the channel's rate."""

    def __init__(
        self,
        sink: Sink,
        writer: MessageWriter,
        clock: Clock,
        breakers: Breakers,
        rules: DeliveryRules,
        limiter: AsyncLimiter | None,
    ) -> None:
        self._sink = sink
        self._writer = writer
        self._clock = clock
        self._breakers = breakers
        self._attempts = rules.attempts
        self._county = rules.county
        self._limiter = limiter
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._random = Random()

    async def send(self, group: MessageGroup) -> list[Delivery]:
        """Send a message once; return its rows as they are after the attempt."""
        try:
            message = replace(self._message(group), repeated=rows.was_tried(group.rows[0]))
        except Exception as error:  # noqa: BLE001  one row's fault must not fail the others
            return await self._send_writable(group, error)
        async with self._slots:
            if self._limiter is not None:
                await self._limiter.acquire()
            now = self._clock.now()
            lease_until = group.rows[0].lease_until
            assert lease_until is not None
            lease = Lease(self._clock, lease_until - SPARE)
            blocked = self._breakers.closed_from(group.recipient.id)
            busy = self._breakers.is_busy(group.recipient.id)
            if blocked is not None or busy or now >= lease.until:
                refund(group)
                return [rows.untried(row, now, blocked or now) for row in group.rows]
            return await self._attempt(group, message, now, lease)

    async def release(self, group: MessageGroup) -> list[Delivery]:
        """Return the rows of a message unsent, to be judged again.

        They are due now if they were judged on the plan, else a little later: a document that
        changes all the time must not keep the lane busy.
        """
        now = self._clock.now()
        until = now if any(each.planned for each in group.contexts) else now + CHANGED_AGAIN
        return [rows.untried(row, now, until, "it changed meanwhile") for row in group.rows]

    async def _attempt(
        self, group: MessageGroup, message: Message, at: datetime, lease: Lease
    ) -> list[Delivery]:
        receiver = group.recipient.id
        attempt = self._breakers.trying(receiver)
        try:
            answer = await self._sink.send(message, receiver, group.channel.address, at, lease)
        except LeaseEnded:
            self._breakers.given_up(attempt)
            refund(group)
            now = self._clock.now()
            return [rows.untried(row, now, now, WAITED) for row in group.rows]
        except DeliveryRefused as error:
            # The channel answered.
            refund(group)
            self._breakers.succeeded(receiver, time_taken(error.answer, self._clock.now() - at))
            return _answered(self.ended(group, DeliveryStatus.FAILED, str(error)), error.answer)
        except Transient as error:
            answer = error.answer if isinstance(error, RetryLater) else None
            if answer is not None:
                refund(group)
            self._breakers.failed(attempt, time_taken(answer, self._clock.now() - at))
            return _answered(self._retried(group, error), answer)
        except Fatal:
            raise
        except Exception as error:  # noqa: BLE001  the other messages are not at fault
            self._breakers.failed(attempt, self._clock.now() - at)
            return self._faulty(group.rows, error)
        if answer is not None and answer.reference == message.id:
            refund(group)  # an earlier attempt was accepted, and has its cost already
        now = self._clock.now()
        self._breakers.succeeded(receiver, time_taken(answer, now - at))
        return _answered([rows.sent(row, now) for row in group.rows], answer)

    def ended(self, group: MessageGroup, status: DeliveryStatus, why: str) -> list[Delivery]:
        """Return the rows of a message with a final status."""
        now = self._clock.now()
        return [rows.ended(row, status, now, why) for row in group.rows]

    def rendered(self, group: MessageGroup) -> Message | None:
        """Return the message of rows, for its cost; None if it cannot be written."""
        try:
            return self._message(group)
        except Exception:  # noqa: BLE001  `send` fails the row at fault
            return None

    def _message(self, group: MessageGroup) -> Message:
        return self._writer.write(group.id, group.rows, group.contexts, self._clock.now())

    async def _send_writable(self, group: MessageGroup, error: Exception) -> list[Delivery]:
        """Fail the rows whose text cannot be written, and send the others."""
        faulty = {row.id: row for row in group.rows if not self._writable(group, row)}
        good = {row.id: row for row in group.rows if row.id not in faulty}
        if not faulty or not good:
            return self._faulty(group.rows, error)
        failed = self._faulty(list(faulty.values()), error)
        return [*failed, *await self.send(group.only(good))]

    def _writable(self, group: MessageGroup, row: Delivery) -> bool:
        try:
            self._message(group.only({row.id: row}))
        except Exception:  # noqa: BLE001  it is logged when the row fails
            return False
        return True

    def _faulty(self, failed: Sequence[Delivery], error: Exception) -> list[Delivery]:
        for row in failed:
            _log.error("row_failed", id=row.id, error=type(error).__name__)
        now, why = self._clock.now(), fault_detail(error)
        return [rows.ended(row, DeliveryStatus.FAILED, now, why) for row in failed]

    def _retried(self, group: MessageGroup, error: Transient) -> list[Delivery]:
        """Hold all rows until the same moment, so that the message stays the same; or fail them."""
        now = self._clock.now()
        attempts = max(row.attempts for row in group.rows)
        asked_s = error.retry_after_s if isinstance(error, RetryLater) else None
        failure = Failure(
            group.channel.kind,
            attempts,
            timedelta(seconds=asked_s) if asked_s is not None else None,
        )
        subjects = [
            (row.notification, context)
            for row, context in zip(group.rows, group.contexts, strict=True)
        ]
        due = next_attempt(failure, subjects, self._county, now, self._attempts, self._random)
        if due is None:
            return self.ended(group, DeliveryStatus.FAILED, str(error))
        return [rows.held(row, now, due, Hold.RETRY, str(error)) for row in group.rows]


def refund(group: MessageGroup) -> None:
    """Take the cost of an attempt that was not accepted off the message's first row."""
    if group.charged:
        group.rows[0] = rows.refunded(group.rows[0], group.charged)
        group.charged = 0


def time_taken(answer: Answer | None, elapsed: timedelta) -> timedelta:
    """Return how long a receiver took, by its answer: without the wait for a connection.

    Without an answer it is the time that has `elapsed` since the attempt began.
    """
    return elapsed if answer is None else timedelta(milliseconds=answer.elapsed_ms)


def _answered(ended: list[Delivery], answer: Answer | None) -> list[Delivery]:
    """Return the rows with the receiver's answer, if it gave one."""
    return ended if answer is None else [rows.answered(row, answer) for row in ended]


def fault_detail(error: Exception) -> str:
    """Return the detail of a row that failed through a fault of the stage; no personal data."""
    return f"a fault of the stage: {type(error).__name__}"
