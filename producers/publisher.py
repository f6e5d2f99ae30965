"""Putting records into Kafka: acknowledged by all in-sync replicas, or an error the caller sees.

kafka-python's idempotent producer; with `admin.py` the sole importer of that library. Three of its
hazards are met here: `flush()` says nothing of failures, so every future is looked at; a record
over the broker's limit would poison the producer, so it is refused before; and a producer that
has failed for good is replaced by a new one.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError, MessageSizeTooLargeError

from roost.errors import TooLarge, Transient
from roost.events.envelope import Record
from roost.topics import MAX_RECORD_BYTES

IN_FLIGHT = 2_000
"""Records that may wait for their acknowledgement at once."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where the broker has put a record."""

    topic: str
    partition: int
    offset: int

    @property
    def version(self) -> int:
        return self.offset + 1


class Publisher:
    """Thread-safe. `timeout_s` bounds how long a record may wait for its acknowledgement."""

    def __init__(self, bootstrap_servers: str, *, timeout_s: float = 10.0) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._producer: KafkaProducer | None = None

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

        Raises TooLarge (nothing of that record is sent) or Transient (what was not acknowledged
        may or may not stand in the topic; sending it again is safe).
        """
        positions: list[Position] = []
        waiting: list[Any] = []
        for record in records:
            waiting.append(self._send(record))
            if len(waiting) >= IN_FLIGHT:
                positions += self._acknowledged(waiting)
                waiting = []
        return positions + self._acknowledged(waiting)

    async def apublish(self, record: Record) -> Position:
        """The same for one record, without blocking the event loop or holding a thread."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = loop.create_future()
        future = await asyncio.to_thread(self._send, record)
        future.add_callback(_settler(loop, answer, asyncio.Future.set_result))
        future.add_errback(_settler(loop, answer, asyncio.Future.set_exception))
        try:
            return _position(await asyncio.wait_for(answer, self._timeout_s))
        except (KafkaError, TimeoutError) as error:
            self._drop()
            raise _away(error) from error

    def close(self) -> None:
        """Waits for what is under way; `publish` has already looked at every answer."""
        with self._lock:
            producer, self._producer = self._producer, None
        if producer is not None:
            producer.close(timeout=self._timeout_s)

    def _send(self, record: Record) -> Any:
        if len(record.value or b"") > MAX_RECORD_BYTES:
            raise TooLarge(
                f"The {record.topic.event_type} is larger than {MAX_RECORD_BYTES // 1000} kB; "
                "shorten its texts.",
                f"内容超过 {MAX_RECORD_BYTES // 1000} kB，请缩短文字。",
            )
        try:
            return self._running().send(
                record.topic.name,
                key=record.key.encode(),
                value=record.value,
                headers=record.headers,
                partition=record.partition,
            )
        except MessageSizeTooLargeError as error:
            raise TooLarge("The record with its headers is too large; shorten it.") from error
        except (KafkaError, OSError, AssertionError) as error:
            self._drop()
            raise _away(error) from error

    def _acknowledged(self, futures: list[Any]) -> list[Position]:
        positions, failed = [], None
        for future in futures:
            try:
                positions.append(_position(future.get(timeout=self._timeout_s)))
            except KafkaError as error:
                failed = error
        if failed is not None:
            self._drop()
            raise _away(failed) from failed
        return positions

    def _running(self) -> KafkaProducer:
        with self._lock:
            if self._producer is None:
                self._producer = KafkaProducer(
                    bootstrap_servers=self._bootstrap_servers,
                    acks="all",
                    enable_idempotence=True,
                    linger_ms=2,
                    batch_size=128 * 1024,
                    delivery_timeout_ms=int(self._timeout_s * 1000),
                    request_timeout_ms=max(1_000, int(self._timeout_s * 1000) - 500),
                    max_block_ms=int(self._timeout_s * 1000),
                    bootstrap_timeout_ms=int(self._timeout_s * 1000),
                    max_request_size=MAX_RECORD_BYTES + 16_384,
                    allow_auto_create_topics=False,
                )
            return self._producer

    def _drop(self) -> None:
        """Lets a failed producer go: the next record gets a new one."""
        with self._lock:
            producer, self._producer = self._producer, None
        if producer is not None:
            threading.Thread(target=producer.close, kwargs={"timeout": 1}, daemon=True).start()


def _position(metadata: Any) -> Position:
    return Position(metadata.topic, metadata.partition, metadata.offset)


def _away(error: BaseException) -> Transient:
    return Transient(
        f"Kafka has not acknowledged the record ({type(error).__name__}); try again.",
        "消息队列暂未确认写入，请稍后重试。",
    )


def _settler(
    loop: asyncio.AbstractEventLoop,
    answer: asyncio.Future[Any],
    settle: Callable[[asyncio.Future[Any], Any], None],
) -> Callable[[Any], None]:
    """A callback for the producer's thread that settles a future of the event loop's."""

    def in_loop(value: Any) -> None:
        if not answer.done():
            settle(answer, value)

    def called(value: Any) -> None:
        loop.call_soon_threadsafe(in_loop, value)

    return called
