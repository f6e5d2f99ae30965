"""Adapter of the producer port for stages: aiokafka's idempotent producer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import TracebackType

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from roost.errors import Transient
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

STOP_TIMEOUT_S = 10.0


class Sender:
    """An idempotent producer, replaced by a new one after an error.

    Every record is awaited twice: when it enters the producer's buffer, and when all in-sync
    replicas have acknowledged it. aiokafka's idempotent producer never gives up a record for the
    time it takes: if the broker goes away, `publish` waits until it is back.
    """

    def __init__(self, bootstrap_servers: Servers, *, timeout_s: float = 30.0) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._timeout_ms = int(timeout_s * 1000)
        self._producer: AIOKafkaProducer | None = None
        self._closed = False

    async def __aenter__(self) -> Sender:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Refuse new records, and stop the producer."""
        self._closed = True
        await self._discard()

    async def publish(self, records: Sequence[Record]) -> list[Position]:
        """Publish records in order; return their positions once all are acknowledged.

        Raises:
            TooLarge: A record is over the limit, and none was sent. Or the broker refused one
                for its size; then the others may or may not have been written.
            Transient: A record was not acknowledged. It may or may not have been written, and
                publishing all records again is safe.
        """
        check_sizes(records)
        positions: list[Position] = []
        for batch in in_flight_batches(records):
            positions += await self._publish_batch(batch)
        return positions

    async def _publish_batch(self, records: Sequence[Record]) -> list[Position]:
        try:
            producer = await self._connected()
            futures = [
                await producer.send(
                    record.topic.name,
                    key=record.key.encode(),
                    value=record.value,
                    partition=record.partition,
                    headers=record.headers,
                    timestamp_ms=record.timestamp_ms,
                )
                for record in records
            ]
            answers = await asyncio.gather(*futures, return_exceptions=True)
        except (KafkaError, OSError) as error:
            await self._discard()
            raise Transient(f"Kafka does not take records: {type(error).__name__}") from error
        failed = [each for each in answers if isinstance(each, BaseException)]
        if failed:
            await self._discard()
            _raise_if_too_large(records, answers)
            raise Transient(f"Kafka did not acknowledge {len(failed)} records") from failed[0]
        return [
            Position(each.topic, each.partition, each.offset)
            for each in answers
            if not isinstance(each, BaseException)
        ]

    async def _connected(self) -> AIOKafkaProducer:
        if self._closed:
            raise Transient("The sender is closing; try again.")
        if self._producer is None:
            producer = AIOKafkaProducer(
                **kafka(self._bootstrap_servers),
                acks="all",
                enable_idempotence=True,
                request_timeout_ms=self._timeout_ms,
                max_request_size=MAX_REQUEST_BYTES,
                max_batch_size=BATCH_BYTES,
            )
            try:
                await producer.start()
            except (KafkaError, OSError):
                await producer.stop()
                raise
            self._producer = producer
        return self._producer

    async def _discard(self) -> None:
        """Discard the producer; callers send its unacknowledged records again."""
        producer, self._producer = self._producer, None
        if producer is None:
            return
        try:
            await asyncio.wait_for(producer.stop(), timeout=STOP_TIMEOUT_S)
        except (KafkaError, OSError, TimeoutError) as error:
            _log.warning("producer_stop_failed", error=type(error).__name__)


def _raise_if_too_large(records: Sequence[Record], answers: Sequence[object]) -> None:
    """Raise TooLarge for a record that the broker will never take."""
    for record, answer in zip(records, answers, strict=True):
        if isinstance(answer, MessageSizeTooLargeError) and is_alone_in_batch(record):
            raise too_large_for_broker(record) from answer
