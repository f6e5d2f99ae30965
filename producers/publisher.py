"""Blocking adapter of the producer port: kafka-python's idempotent producer.

With `admin.py` the sole importer of that library. It guards against five of its hazards:

- `flush()` does not report failures: every future is checked.
- A record that the broker refuses for its size fails all later records of the same idempotent
  producer: a record over the limit is refused before anything is sent.
- A producer that has failed stays unusable: it is replaced by a new one.
- `close()` raises and closes nothing while records are pending for longer than its timeout: it
  gets more time than any record has.
- The producer's buffer has no limit: the number and size of records in flight are limited here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import structlog
from kafka import KafkaProducer
from kafka.errors import KafkaError, MessageSizeTooLargeError

from roost.errors import RoostError, TooLarge, Transient
from roost.events.envelope import Record
from roost.kafka.ports import Position
from roost.kafka.record_limits import (
    MAX_REQUEST_BYTES,
    check_sizes,
    in_flight_batches,
    is_alone_in_batch,
    too_large_for_broker,
)
from roost.servers.connections import Servers, kafka
from roost.topics import BATCH_BYTES

_log = structlog.get_logger(__name__)
CONNECT_SHARE, METADATA_SHARE, ANSWER_SHARE = 0.25, 0.1, 0.5
"""Shares of the timeout for each step. They add up to less than 1, so the caller's timeout never
ends before theirs."""


@dataclass(frozen=True, slots=True)
class InFlight:
    """A record that was sent and awaits its acknowledgement."""

    record: Record
    _producer: KafkaProducer
    _future: Any
    _discard: Callable[[KafkaProducer], None]

    def result(self, timeout_s: float) -> Position:
        """Block until the record is acknowledged. Raises TooLarge or Transient."""
        try:
            return _position(self._future.get(timeout=timeout_s))
        except KafkaError as error:
            raise self.failed(error) from error

    def when_done(
        self, succeed: Callable[[Position], None], fail: Callable[[RoostError], None]
    ) -> None:
        """Call one of two functions in the producer's thread, with the position or the error."""
        self._future.add_callback(lambda metadata: succeed(_position(metadata)))
        self._future.add_errback(lambda error: fail(self.failed(error)))

    def failed(self, error: BaseException) -> RoostError:
        """Discard the producer, which is unusable now; return the error for the caller."""
        self._discard(self._producer)
        if isinstance(error, MessageSizeTooLargeError) and is_alone_in_batch(self.record):
            return too_large_for_broker(self.record)
        return not_acknowledged(error)


class Publisher:
    """Thread-safe publisher; connects when the first record is published.

    `timeout_s` limits the time that a record may take. The producer gives a record up before its
    caller gets the error, so a late record never follows the caller's next one.
    """

    def __init__(self, bootstrap_servers: Servers, *, timeout_s: float = 20.0) -> None:
        self._bootstrap_servers = bootstrap_servers
        self.timeout_s = timeout_s
        self._connecting = threading.Lock()
        self._lock = threading.Lock()
        self._producer: KafkaProducer | None = None
        self._closed = False

    def __enter__(self) -> Publisher:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def connect(self) -> None:
        """Connect now rather than with the first record. Raises Transient."""
        self._connected(time.monotonic() + self.timeout_s)

    def publish(self, records: Sequence[Record]) -> list[Position]:
        """Publish records in order; block until all are acknowledged.

        Raises:
            TooLarge: A record is over the limit, and none was sent. Or the broker refused one
                for its size; then the others may or may not have been written.
            Transient: A record was not acknowledged. It may or may not have been written, and
                publishing all records again is safe.
        """
        check_sizes(records)
        positions: list[Position] = []
        for batch in in_flight_batches(records):
            positions += self._publish_batch(batch)
        return positions

    def close(self) -> None:
        """Refuse new records; wait for those in flight, each of which answers its own caller."""
        with self._lock:
            self._closed = True
            producer, self._producer = self._producer, None
        if producer is not None:
            producer.close(timeout=self.timeout_s)

    def send(self, record: Record, deadline: float) -> InFlight:
        """Hand a record to the producer, by a `time.monotonic` deadline.

        Blocks while connecting. Raises TooLarge or Transient; then the record is not sent.
        """
        check_sizes([record])
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
            raise too_large_for_broker(record) from error
        except (KafkaError, OSError, AssertionError) as error:
            self._discard(producer)
            raise not_acknowledged(error) from error
        return InFlight(record, producer, future, self._discard)

    def _publish_batch(self, batch: Sequence[Record]) -> list[Position]:
        pending: list[InFlight] = []
        for record in batch:
            try:
                pending.append(self.send(record, time.monotonic() + self.timeout_s))
            except RoostError:
                self._await_all(pending)
                raise
        return self._await_all(pending)

    def _await_all(self, pending: Sequence[InFlight]) -> list[Position]:
        """Wait for every record, also after a failure; raise TooLarge rather than Transient."""
        positions: list[Position] = []
        failure: RoostError | None = None
        deadline = time.monotonic() + self.timeout_s
        for each in pending:
            try:
                positions.append(each.result(max(0.0, deadline - time.monotonic())))
            except RoostError as error:
                if not isinstance(failure, TooLarge):  # such a record fails those after it as well
                    failure = error
        if failure is not None:
            raise failure
        return positions

    def _connected(self, deadline: float) -> KafkaProducer:
        """Return the producer, connecting a new one if there is none.

        Raises Transient if too little time is left to send: a record must not be sent after its
        caller got the error that it was not.
        """
        if not self._connecting.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise not_acknowledged(TimeoutError())
        try:
            self._check_time_left(deadline)
            with self._lock:
                producer, closed = self._producer, self._closed
            if closed:
                raise _closing()
            if producer is None:
                producer = self._keep(self._connect())
                self._check_time_left(deadline)
            return producer
        except (KafkaError, OSError) as error:
            raise not_acknowledged(error) from error
        finally:
            self._connecting.release()

    def _keep(self, producer: KafkaProducer) -> KafkaProducer:
        with self._lock:
            if not self._closed:
                self._producer = producer
                return producer
        producer.close(timeout=0)
        raise _closing()

    def _check_time_left(self, deadline: float) -> None:
        if time.monotonic() > deadline - self.timeout_s * (METADATA_SHARE + ANSWER_SHARE):
            raise not_acknowledged(TimeoutError())

    def _connect(self) -> KafkaProducer:
        timeout_ms = self.timeout_s * 1000
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
            max_request_size=MAX_REQUEST_BYTES,
            allow_auto_create_topics=False,
        )

    def _discard(self, failed: KafkaProducer) -> None:
        """Discard a failed producer; the next record connects a new one.

        Does nothing if another record that failed with it has discarded it already.
        """
        with self._lock:
            is_current = self._producer is failed
            if is_current:
                self._producer = None
        if is_current:
            threading.Thread(target=self._close_discarded, args=(failed,), daemon=True).start()

    def _close_discarded(self, failed: KafkaProducer) -> None:
        """Close a producer after its pending records have their answers.

        They have them within its delivery timeout. With a shorter timeout here, kafka-python
        would raise and close nothing.
        """
        try:
            failed.close(timeout=self.timeout_s)
        except KafkaError as error:
            _log.error("producer_close_failed", error=type(error).__name__)


def publish_once(bootstrap_servers: Servers, records: Sequence[Record]) -> list[Position]:
    """Publish records through a publisher that is closed afterwards; return their positions."""
    with Publisher(bootstrap_servers) as publisher:
        return publisher.publish(records)


def not_acknowledged(error: BaseException) -> Transient:
    """Return the error for a record that was not acknowledged."""
    return Transient(
        f"Kafka has not acknowledged the record ({type(error).__name__}); try again.",
        "消息队列暂未确认写入，请稍后重试。",
    )


def _position(metadata: Any) -> Position:
    return Position(metadata.topic, metadata.partition, metadata.offset)


def _closing() -> Transient:
    return Transient("The publisher is closing; try again.", "服务正在停止，请稍后重试。")
