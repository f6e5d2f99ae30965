"""Adapter of the producer port for event loops: awaits the acknowledgements of a `Publisher`.

Every crossing between the event loop and the producer's threads wakes a thread. So all that is
pending crosses together: calls on their way out, and acknowledgements on their way back.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from producers.publisher import InFlight, Publisher, not_acknowledged
from roost.errors import RoostError, TooLarge, Transient
from roost.events.envelope import Record
from roost.kafka.ports import Position
from roost.kafka.record_limits import (
    IN_FLIGHT,
    IN_FLIGHT_BYTES,
    check_sizes,
    in_flight_batches,
    size_of,
)


class EventLoopPublisher:
    """Publishes without blocking the event loop; serves one loop at a time.

    The publisher that it wraps stays the owner of the connection, and is closed by its owner.
    """

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._in_flight = _InFlightLimit()
        self._bridge: _LoopBridge | None = None

    async def publish(self, records: Sequence[Record]) -> list[Position]:
        """Publish records in order; return their positions once all are acknowledged.

        Raises:
            TooLarge: A record is over the limit, and none was sent. Or the broker refused one
                for its size; then the others may or may not have been written.
            Transient: At once if too many records are in flight already. Or a record was not
                acknowledged in time: it may or may not have been written, and publishing all
                records again is safe.
        """
        check_sizes(records)
        positions: list[Position] = []
        for batch in in_flight_batches(records):
            positions += await self._publish_batch(batch)
        return positions

    async def _publish_batch(self, records: Sequence[Record]) -> list[Position]:
        timeout_s = self._publisher.timeout_s
        deadline = time.monotonic() + timeout_s
        bridge = self._bridge_to(asyncio.get_running_loop())
        call = _Call(records, deadline, bridge.loop.create_future())
        answers: list[asyncio.Future[Position]] = []
        with self._in_flight.holding(len(records), sum(map(size_of, records))):
            try:
                async with asyncio.timeout(timeout_s):
                    await bridge.send(call)
                    answers = [bridge.answer_of(each) for each in call.sent]
                    outcomes = await asyncio.gather(*answers, return_exceptions=True)
            except TimeoutError as error:
                for each in list(call.sent):  # a thread may still be adding to it
                    each.failed(error)
                raise not_acknowledged(error) from error
        return _positions(outcomes, call.failure)

    def _bridge_to(self, loop: asyncio.AbstractEventLoop) -> _LoopBridge:
        if self._bridge is None or self._bridge.loop is not loop:
            self._bridge = _LoopBridge(loop, self._publisher)
        return self._bridge


@dataclass(eq=False, slots=True)
class _Call:
    """One call of `publish`: its records, and the outcome of sending them."""

    records: Sequence[Record]
    deadline: float
    handed_over: asyncio.Future[None]
    sent: Sequence[InFlight] = ()
    failure: BaseException | None = None
    """Error of the first record that could not be sent; those after it were not tried."""


class _InFlightLimit:
    """Limit of records and bytes in flight."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._records = 0
        self._bytes = 0

    @contextmanager
    def holding(self, records: int, size: int) -> Iterator[None]:
        """Count records as in flight meanwhile. Raises Transient if the limit is reached."""
        with self._lock:
            if self._records >= IN_FLIGHT or self._bytes >= IN_FLIGHT_BYTES:
                raise Transient(
                    "Too many events are being written; try again in a moment.",
                    "写入请求过多，请稍后重试。",
                )
            self._records += records
            self._bytes += size
        try:
            yield
        finally:
            with self._lock:
                self._records -= records
                self._bytes -= size


class _LoopBridge:
    """Carries calls from an event loop to the producer's threads, and acknowledgements back."""

    def __init__(self, loop: asyncio.AbstractEventLoop, publisher: Publisher) -> None:
        self.loop = loop
        self._publisher = publisher
        self._calls: list[_Call] = []
        self._sending: asyncio.Task[None] | None = None
        self._lock = threading.Lock()
        self._settlements: list[tuple[asyncio.Future[Position], Callable[[], None]]] = []

    async def send(self, call: _Call) -> None:
        """Send the records of a call in a thread; return once all are handed to the producer."""
        self._calls.append(call)
        if self._sending is None or self._sending.done():
            self._sending = self.loop.create_task(self._send_pending())
        await call.handed_over

    async def _send_pending(self) -> None:
        while self._calls:
            calls, self._calls = self._calls, []
            await asyncio.to_thread(self._send_all, calls)
            for each in calls:
                if not each.handed_over.done():  # else its caller has given up
                    each.handed_over.set_result(None)

    def _send_all(self, calls: Sequence[_Call]) -> None:
        """Send each call independently, so that one that fails does not stop the others."""
        for call in calls:
            sent: list[InFlight] = []
            call.sent = sent
            try:
                for record in call.records:
                    sent.append(self._publisher.send(record, call.deadline))
            except Exception as error:  # noqa: BLE001  the caller of this one call raises it
                call.failure = error

    def answer_of(self, record: InFlight) -> asyncio.Future[Position]:
        """Return a future of the event loop for the acknowledgement of a record."""
        answer: asyncio.Future[Position] = self.loop.create_future()

        def succeed(position: Position) -> None:
            self._settle_soon(answer, lambda: answer.set_result(position))

        def fail(error: RoostError) -> None:
            self._settle_soon(answer, lambda: answer.set_exception(error))

        record.when_done(succeed, fail)
        return answer

    def _settle_soon(self, answer: asyncio.Future[Position], settle: Callable[[], None]) -> None:
        """Settle an answer in the event loop, together with all that are pending by then."""
        with self._lock:
            self._settlements.append((answer, settle))
            first = len(self._settlements) == 1
        if first and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._settle)

    def _settle(self) -> None:
        with self._lock:
            settlements, self._settlements = self._settlements, []
        for answer, settle in settlements:
            if not answer.done():  # else its caller has given up
                settle()


def _positions(
    outcomes: Sequence[Position | BaseException], failure: BaseException | None
) -> list[Position]:
    """Return the positions if all records were written; else raise TooLarge before Transient."""
    errors = [each for each in outcomes if isinstance(each, BaseException)]
    if failure is not None:
        errors.append(failure)
    if errors:
        raise next((each for each in errors if isinstance(each, TooLarge)), errors[0])
    return [each for each in outcomes if isinstance(each, Position)]
