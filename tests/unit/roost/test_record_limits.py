"""Sizes of records, and the batches in which they may be in flight."""

from __future__ import annotations

import pytest

from roost.errors import TooLarge
from roost.events.envelope import Record
from roost.kafka.record_limits import (
    IN_FLIGHT,
    IN_FLIGHT_BYTES,
    MAX_REQUEST_BYTES,
    check_sizes,
    in_flight_batches,
    is_alone_in_batch,
    size_of,
)
from roost.topics import BATCH_BYTES, BROKER_TAKES_BYTES, MAX_RECORD_BYTES, PROFILES


def record(size: int) -> Record:
    return Record(PROFILES, "w-1", b"x" * (size - 13), [("ce_id", b"12345")])


def test_the_size_counts_key_value_and_headers() -> None:
    assert size_of(record(100)) == 100
    assert size_of(Record(PROFILES, "w-1", None, [])) == 3


def test_a_record_of_the_largest_size_passes_and_one_byte_more_does_not() -> None:
    check_sizes([record(MAX_RECORD_BYTES)])
    with pytest.raises(TooLarge, match="1000 kB"):
        check_sizes([record(100), record(MAX_RECORD_BYTES + 1)])


def test_a_client_refuses_no_record_that_passes_and_sends_none_that_a_topic_refuses() -> None:
    assert MAX_RECORD_BYTES < MAX_REQUEST_BYTES < BROKER_TAKES_BYTES


def test_batches_are_bounded_by_number_and_by_bytes_and_keep_the_order() -> None:
    many = [record(20 + number % 7) for number in range(2 * IN_FLIGHT + 5)]
    batches = list(in_flight_batches(many))
    assert [len(each) for each in batches] == [IN_FLIGHT, IN_FLIGHT, 5]
    assert [each for batch in batches for each in batch] == many
    large = list(in_flight_batches([record(MAX_RECORD_BYTES)] * 70))
    assert [len(each) for each in large] == [32, 32, 6]
    assert IN_FLIGHT_BYTES == 32 * MAX_RECORD_BYTES
    assert list(in_flight_batches([])) == []


def test_a_record_larger_than_a_batch_is_alone_in_it() -> None:
    assert not is_alone_in_batch(record(BATCH_BYTES))
    assert is_alone_in_batch(record(BATCH_BYTES + 1))
