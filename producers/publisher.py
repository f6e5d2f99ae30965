"""Putting records into Kafka: acknowledged by all in-sync replicas, or an error the caller sees.

kafka-python's idempotent producer; with `admin.py` the sole importer of that library. Five of its
hazards are met here: `flush()` says nothing of failures, so every future is looked at; a record
over the broker's limit would poison the producer, so it is refused before; a producer that has
failed is replaced by a new one; `close()` closes nothing while records wait for longer than its
timeout, so it is given more than they have; and its buffer has no bound, so what is under way is
bounded here.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import structlog
from kafka import KafkaProducer
from kafka.errors import KafkaError, MessageSizeTooLargeError

from roost.errors import RoostError, TooLarge, Transient
from roost.events.envelope import Record
from roost.servers.connections import Servers, kafka
from roost.topics import BATCH_BYTES, MAX_RECORD_BYTES

_log = structlog.get_logger(__name__)
IN_FLIGHT = 2_000
"""Records that may wait for their acknowledgement at once."""
IN_FLIGHT_BYTES = 32_000_000
"""And their size: a large record must not make room for 1,999 others like it."""

CONNECT_SHARE, METADATA_SHARE, ANSWER_SHARE = 0.25, 0.1, 0.5
"""How a publisher's time is shared out; a rest is left, so that it never ends before they do."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where the broker has put a record."""

    topic: str
    partition: int
    offset: int

    @property
    def version(self) -> int:
        return self.offset + 1


@dataclass(frozen=True, slots=True)
class _Sent:
    """A record under way, and the producer that carries it."""

    record: Record
    producer: KafkaProducer
    future: Any


class Publisher:
    """Thread-safe; connects at the first record.

    `timeout_s` bounds how long a record may take. The producer gives a record up before its caller
    is told so, so it cannot come after the caller's next one.
    """

    def __init__(self, bootstrap_servers: Servers, *, timeout_s: float = 20.0) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._timeout_s = timeout_s
        self._connecting = threading.Lock()
        self._lock = threading.Lock()
        self._producer: KafkaProducer | None = None
        self._closed = False
        self._load = _Load()
        self._over: _Crossing | None = None

    def __enter__(self) -> Publisher:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def publish(self, records: Iterable[Record]) -> list[Position]:
        """Sends records in order and waits for all acknowledgements.

        Raises TooLarge (that record does not stand in the topic) or Transient (what was not
        acknowledged may or may not stand there; sending it again is safe).
        """
        positions: list[Position] = []
        waiting: list[_Sent] = []
        size = 0
        for record in records:
            try:
                waiting.append(self._send(record, time.monotonic() + self._timeout_s))
            except RoostError:
                self._acknowledged(waiting)
                raise
            size += _size(record)
            if len(waiting) >= IN_FLIGHT or size >= IN_FLIGHT_BYTES:
                positions += self._acknowledged(waiting)
                waiting, size = [], 0
        return positions + self._acknowledged(waiting)

    async def apublish(self, record: Record) -> Position:
        """The same for one record, without blocking the event loop.

        Raises Transient at once when too many records are under way already.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = loop.create_future()
        deadline = time.monotonic() + self._timeout_s
        sent: _Sent | None = None
        with self._load.carrying(_size(record)):
            try:
                async with asyncio.timeout(self._timeout_s):
                    crossing = self._crossing(loop)
                    sent = await crossing.send(record, deadline)
                    sent.future.add_callback(crossing.settler(answer, asyncio.Future.set_result))
                    sent.future.add_errback(crossing.settler(answer, asyncio.Future.set_exception))
                    return _position(await answer)
            except (KafkaError, TimeoutError) as error:
                if sent is None:
                    raise _away(error) from error
                self._replace(sent.producer)
                raise _failure(sent.record, error) from error

    def _crossing(self, loop: asyncio.AbstractEventLoop) -> _Crossing:
        """That of the event loop; a publisher serves one at a time."""
        if self._over is None or self._over.loop is not loop:
            self._over = _Crossing(loop, self._send)
        return self._over

    def close(self) -> None:
        """Waits for what is under way; each caller learns of its own. No record is taken after."""
        with self._lock:
            self._closed = True
            producer, self._producer = self._producer, None
        if producer is not None:
            producer.close(timeout=self._timeout_s)

    def _send(self, record: Record, deadline: float) -> _Sent:
        if _size(record) > MAX_RECORD_BYTES:
            raise _too_large(record)
        producer = self._connected(deadline)
        try:
            future = producer.send(
                record.topic.name,
                key=record.key.encode(),
                value=record.value,
                headers=record.headers,
                partition=record.partition,
            )
        except MessageSizeTooLargeError as error:
            raise _too_large(record) from error
        except (KafkaError, OSError, AssertionError) as error:
            self._replace(producer)
            raise _away(error) from error
        return _Sent(record, producer, future)

    def _acknowledged(self, under_way: Sequence[_Sent]) -> list[Position]:
        positions: list[Position] = []
        failed: RoostError | None = None
        deadline = time.monotonic() + self._timeout_s
        for sent in under_way:
            try:
                left = max(0.0, deadline - time.monotonic())
                positions.append(_position(sent.future.get(timeout=left)))
            except KafkaError as error:
                self._replace(sent.producer)
                if not isinstance(failed, TooLarge):  # which fails those after it as well
                    failed = _failure(sent.record, error)
        if failed is not None:
            raise failed
        return positions

    def _connected(self, deadline: float) -> KafkaProducer:
        """The producer, made when there is none. Raises Transient when it comes too late to send:
        a record must not go out after its caller has been told that it did not.
        """
        if not self._connecting.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise _away(TimeoutError())
        try:
            self._check_time_left(deadline)
            with self._lock:
                producer, closed = self._producer, self._closed
            if closed:
                raise _closing()
            if producer is None:
                producer = self._kept(self._made())
                self._check_time_left(deadline)
            return producer
        except (KafkaError, OSError) as error:
            raise _away(error) from error
        finally:
            self._connecting.release()

    def _kept(self, producer: KafkaProducer) -> KafkaProducer:
        with self._lock:
            if not self._closed:
                self._producer = producer
                return producer
        producer.close(timeout=0)
        raise _closing()

    def _check_time_left(self, deadline: float) -> None:
        if time.monotonic() > deadline - self._timeout_s * (METADATA_SHARE + ANSWER_SHARE):
            raise _away(TimeoutError())

    def _made(self) -> KafkaProducer:
        timeout_ms = self._timeout_s * 1000
        return KafkaProducer(
            **kafka(self._bootstrap_servers),
            acks="all",
            enable_idempotence=True,
            linger_ms=2,
            batch_size=BATCH_BYTES,
            bootstrap_timeout_ms=int(timeout_ms * CONNECT_SHARE),
            max_block_ms=int(timeout_ms * METADATA_SHARE),
            delivery_timeout_ms=int(timeout_ms * ANSWER_SHARE),
            request_timeout_ms=int(timeout_ms * ANSWER_SHARE * 0.9),
            reconnect_backoff_max_ms=1_000,
            max_request_size=MAX_RECORD_BYTES,
            allow_auto_create_topics=False,
        )

    def _replace(self, failed: KafkaProducer) -> None:
        """Lets a failed producer go: the next record gets a new one.

        Only that one: of many records that fail together the first has replaced it already.
        """
        with self._lock:
            is_current = self._producer is failed
            if is_current:
                self._producer = None
        if is_current:
            threading.Thread(target=self._let_go, args=(failed,), daemon=True).start()

    def _let_go(self, failed: KafkaProducer) -> None:
        """Ends a producer once the records of others in it have their answers, which they do within
        its delivery timeout. With less patience kafka-python would raise, and close nothing.
        """
        try:
            failed.close(timeout=self._timeout_s)
        except KafkaError as error:
            _log.error("producer_left_open", error=type(error).__name__)


class _Load:
    """How much single records are under way."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._records = 0
        self._bytes = 0

    @contextmanager
    def carrying(self, size: int) -> Iterator[None]:
        with self._lock:
            if self._records >= IN_FLIGHT or self._bytes >= IN_FLIGHT_BYTES:
                raise Transient(
                    "Too many events are being written; try again in a moment.",
                    "写入请求过多，请稍后重试。",
                )
            self._records += 1
            self._bytes += size
        try:
            yield
        finally:
            with self._lock:
                self._records -= 1
                self._bytes -= size


def _size(record: Record) -> int:
    """Bytes of a record: key, value and headers. The batch around it takes under 200 more."""
    headers = sum(len(name) + len(value) for name, value in record.headers)
    return len(record.key.encode()) + len(record.value or b"") + headers


def _too_large(record: Record) -> TooLarge:
    return TooLarge(
        f"The {record.topic.event_type} is larger than {MAX_RECORD_BYTES // 1000} kB; "
        "shorten its texts.",
        f"内容超过 {MAX_RECORD_BYTES // 1000} kB，请缩短文字。",
    )


def _failure(record: Record, error: BaseException) -> RoostError:
    """What it means to the caller that the broker did not acknowledge a record.

    One that filled a batch of its own and is refused for its size will never be taken; of a batch
    of many nobody knows which it was, so each is to be sent again.
    """
    if isinstance(error, MessageSizeTooLargeError) and _size(record) > BATCH_BYTES:
        return TooLarge(
            f"The {record.topic.event_type} is larger than Kafka takes ({_size(record)} bytes); "
            "shorten its texts, or have `roost prepare` run again.",
            "内容超过消息队列的上限，请缩短文字，或重新运行 roost prepare。",
        )
    return _away(error)


def _position(metadata: Any) -> Position:
    return Position(metadata.topic, metadata.partition, metadata.offset)


def _away(error: BaseException) -> Transient:
    return Transient(
        f"Kafka has not acknowledged the record ({type(error).__name__}); try again.",
        "消息队列暂未确认写入，请稍后重试。",
    )


def _closing() -> Transient:
    return Transient("The publisher is closing; try again.", "服务正在停止，请稍后重试。")


class _Crossing:
    """Between an event loop and the producer's threads: what waits goes over together, there and
    back, since every crossing wakes a thread.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, send: Callable[[Record, float], _Sent]
    ) -> None:
        self.loop = loop
        self._send = send
        self._waiting: list[tuple[Record, float, asyncio.Future[_Sent]]] = []
        self._sending: asyncio.Task[None] | None = None
        self._lock = threading.Lock()
        self._back: list[Callable[[], None]] = []

    async def send(self, record: Record, deadline: float) -> _Sent:
        sent: asyncio.Future[_Sent] = self.loop.create_future()
        self._waiting.append((record, deadline, sent))
        if self._sending is None or self._sending.done():
            self._sending = self.loop.create_task(self._send_waiting())
        return await sent

    async def _send_waiting(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            said = [(record, deadline) for record, deadline, _ in batch]
            outcomes = await asyncio.to_thread(self._sent, said)
            for (_, _, sent), outcome in zip(batch, outcomes, strict=True):
                if sent.done():  # whoever asked has given up
                    continue
                if isinstance(outcome, _Sent):
                    sent.set_result(outcome)
                else:
                    sent.set_exception(outcome)

    def _sent(self, said: Sequence[tuple[Record, float]]) -> list[_Sent | BaseException]:
        """In a thread: each on its own, so that one that cannot go stops no other."""
        outcomes: list[_Sent | BaseException] = []
        for record, deadline in said:
            try:
                outcomes.append(self._send(record, deadline))
            except Exception as error:  # noqa: BLE001  it is raised where the record came from
                outcomes.append(error)
        return outcomes

    def settler(
        self,
        answer: asyncio.Future[Any],
        settle: Callable[[asyncio.Future[Any], Any], None],
    ) -> Callable[[Any], None]:
        """A callback for the producer's thread that settles a future of the event loop's."""

        def called(value: Any) -> None:
            def in_loop() -> None:
                if not answer.done():
                    settle(answer, value)

            with self._lock:
                self._back.append(in_loop)
                first = len(self._back) == 1
            if first and not self.loop.is_closed():
                self.loop.call_soon_threadsafe(self._settle)

        return called

    def _settle(self) -> None:
        with self._lock:
            back, self._back = self._back, []
        for each in back:
            each()
