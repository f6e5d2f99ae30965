"""Limits of records, the same for every adapter of the producer port."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from roost.errors import TooLarge
from roost.events.envelope import COPY_OF, Record
from roost.topics import BATCH_BYTES, MAX_RECORD_BYTES

MAX_REQUEST_BYTES = MAX_RECORD_BYTES + 16_384
"""Largest request of a client library: the largest record, and the batch around it. Below the
limit of every topic, so a client never refuses a record that `check_sizes` lets pass."""

IN_FLIGHT = 2_000
"""Largest number of records that wait for their acknowledgement at once."""
IN_FLIGHT_BYTES = 32_000_000
"""Their largest total size: one large record must not admit 1,999 others of its size."""


def size_of(record: Record) -> int:
    """Return the bytes of key, value and headers. The batch around them adds fewer than 200.

    The mark of a copy is not counted: a record that was accepted once can be copied.
    """
    headers = sum(len(name) + len(value) for name, value in record.headers if name != COPY_OF)
    return len(record.key.encode()) + len(record.value or b"") + headers


def check_sizes(records: Iterable[Record]) -> None:
    """Raise TooLarge if a record is over the limit."""
    for record in records:
        if size_of(record) > MAX_RECORD_BYTES:
            raise TooLarge(
                f"The {record.topic.event_type} is larger than {MAX_RECORD_BYTES // 1000} kB; "
                "shorten its texts.",
                f"内容超过 {MAX_RECORD_BYTES // 1000} kB，请缩短文字。",
            )


def in_flight_batches(records: Iterable[Record]) -> Iterator[Sequence[Record]]:
    """Yield the records in order, in batches that may be in flight at once."""
    batch: list[Record] = []
    size = 0
    for record in records:
        batch.append(record)
        size += size_of(record)
        if len(batch) >= IN_FLIGHT or size >= IN_FLIGHT_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def is_alone_in_batch(record: Record) -> bool:
    """Return whether a record fills a batch alone.

    If the broker refuses its batch for the size, it will never take the record. In a batch of
    many, nobody knows which record was too large, so all of them have to be sent again.
    """
    return size_of(record) > BATCH_BYTES


def too_large_for_broker(record: Record) -> TooLarge:
    """Return the error for a record that the broker refuses for its size."""
    return TooLarge(
        f"The {record.topic.event_type} is larger than Kafka takes ({size_of(record)} bytes); "
        "shorten its texts, or have `roost prepare` run again.",
        "内容超过消息队列的上限，请缩短文字，或重新运行 roost prepare。",
    )
