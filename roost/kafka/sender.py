"""Sending from a stage: the sole importer of aiokafka's producer.

`send` returns when the broker has acknowledged every record (all in-sync replicas, idempotent
producer), and raises when it has not; nothing is fired and forgotten.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Protocol

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from roost.errors import TooLarge, Transient
from roost.events.envelope import Record
from roost.servers.connections import Servers, kafka
from roost.topics import BATCH_BYTES, MAX_RECORD_BYTES

_log = structlog.get_logger(__name__)

IN_FLIGHT = 2_000
"""Records handed to the producer at once; the rest wait, so memory stays bounded."""


class Sends(Protocol):
    """What a stage needs of a sender."""

    async def send(self, records: Sequence[Record]) -> list[int]:
        """Sends records in order; returns their versions once all are acknowledged."""
        ...


class Sender:
    """An idempotent producer that is made anew after an error it cannot recover from."""

    def __init__(self, bootstrap_servers: Servers, *, timeout_s: float = 30.0) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._timeout_ms = int(timeout_s * 1000)
        self._producer: AIOKafkaProducer | None = None

    async def __aenter__(self) -> Sender:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._drop()

    async def send(self, records: Sequence[Record]) -> list[int]:
        """Sends records in order; returns their versions (offset + 1).

        Raises TooLarge when a record is over the limit (nothing is sent then) or the broker will
        not have it for its size, and Transient when any other was not acknowledged: sending all
        of them again is safe.
        """
        for record in records:
            if len(record.value or b"") > MAX_RECORD_BYTES:
                raise TooLarge(f"A record for {record.topic.name} is over {MAX_RECORD_BYTES} bytes")
        versions: list[int] = []
        for start in range(0, len(records), IN_FLIGHT):
            versions += await self._send_some(records[start : start + IN_FLIGHT])
        return versions

    async def _send_some(self, records: Sequence[Record]) -> list[int]:
        try:
            producer = await self._running()
            futures = [
                await producer.send(
                    record.topic.name,
                    key=record.key.encode(),
                    value=record.value,
                    partition=record.partition,
                    headers=record.headers,
                )
                for record in records
            ]
            answers = await asyncio.gather(*futures, return_exceptions=True)
        except MessageSizeTooLargeError as error:
            raise TooLarge("A record is over the broker's limit") from error
        except (KafkaError, OSError) as error:
            await self._drop()
            raise Transient(f"Kafka does not take records: {type(error).__name__}") from error
        failed = [each for each in answers if isinstance(each, BaseException)]
        if failed:
            await self._drop()
            _check_sizes(records, answers)
            raise Transient(f"Kafka did not acknowledge {len(failed)} records") from failed[0]
        return [each.offset + 1 for each in answers if not isinstance(each, BaseException)]

    async def _running(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                **kafka(self._bootstrap_servers),
                acks="all",
                enable_idempotence=True,
                request_timeout_ms=self._timeout_ms,
                max_request_size=MAX_RECORD_BYTES + 16_384,
                max_batch_size=BATCH_BYTES,
            )
            try:
                await producer.start()
            except (KafkaError, OSError):
                await producer.stop()
                raise
            self._producer = producer
        return self._producer

    async def _drop(self) -> None:
        """Lets go of the producer; its unacknowledged records are the caller's to send again."""
        producer, self._producer = self._producer, None
        if producer is None:
            return
        try:
            await asyncio.wait_for(producer.stop(), timeout=10)
        except (KafkaError, OSError, TimeoutError) as error:
            _log.warning("producer_stop_failed", error=type(error).__name__)


def _check_sizes(records: Sequence[Record], answers: Sequence[object]) -> None:
    """Raises TooLarge for a record that the broker will never take.

    Only for one that filled a batch of its own: of a batch of many nobody knows which it was.
    """
    for record, answer in zip(records, answers, strict=True):
        size = len(record.value or b"")
        if isinstance(answer, MessageSizeTooLargeError) and size > BATCH_BYTES:
            raise TooLarge(
                f"The topic {record.topic.name} does not take {size} bytes; look at its "
                "max.message.bytes, which `roost prepare` sets."
            ) from answer
