"""A record belongs to one county key: a process with another one does not start."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from roost.county_ids import (
    FILLED_BY,
    Existing,
    check_claim,
    claim,
    claim_of,
    claimed_key,
    existing_ids,
)
from roost.errors import RoostError
from roost.events.county import IdState
from roost.events.envelope import Record, record
from roost.ids import IdKeyError
from roost.kafka.ports import Position
from roost.security.county_key import (
    county_key,
    existing_county_key,
    id_key,
    required_county_key,
)
from roost.settings import Settings
from roost.time.clock import SystemClock
from roost.topics import ACCOUNTS, COUNTY, PROFILES, STATIONS, TOPICS
from tests.unit.api.reading import InMemoryReader

OURS, THEIRS = id_key(b"ours" * 8), id_key(b"theirs" * 8)
CLOCK = SystemClock()


class InMemoryProducer:
    """A producer that appends to the logs of a reader."""

    def __init__(self, reader: InMemoryReader) -> None:
        self.reader = reader

    async def publish(self, records: Sequence[Record]) -> list[Position]:
        for each in records:
            self.reader.append(each.topic, each.value, each.key, each.partition)
        return []


@pytest.fixture
def reader() -> InMemoryReader:
    return InMemoryReader(TOPICS)


@pytest.fixture
def producer(reader: InMemoryReader) -> InMemoryProducer:
    return InMemoryProducer(reader)


async def test_an_empty_record_has_no_claim_and_needs_no_migration(reader: InMemoryReader) -> None:
    found = await existing_ids(reader)

    assert found == Existing(None, filled=False)
    assert not found.migration_due


@pytest.mark.parametrize("topic", FILLED_BY, ids=lambda topic: topic.name)
async def test_a_filled_record_without_a_claim_needs_a_migration(
    reader: InMemoryReader, topic: object
) -> None:
    reader.append(topic, b"{}")  # type: ignore[arg-type]

    assert (await existing_ids(reader)).migration_due


async def test_stations_alone_need_no_migration_for_their_ids_are_public(
    reader: InMemoryReader,
) -> None:
    reader.append(STATIONS, b"{}")

    assert not (await existing_ids(reader)).migration_due


async def test_a_claimed_record_accepts_its_own_key_only(
    reader: InMemoryReader, producer: InMemoryProducer
) -> None:
    await claim(reader, producer, CLOCK, OURS)
    reader.append(PROFILES, b"{}")
    found = await existing_ids(reader)

    assert found.claim is not None
    assert not found.migration_due
    check_claim(found.claim, OURS)
    with pytest.raises(IdKeyError, match=OURS.fingerprint()):
        check_claim(found.claim, THEIRS)


async def test_of_two_processes_that_claim_at_once_the_first_wins(
    reader: InMemoryReader, producer: InMemoryProducer
) -> None:
    first = claim_of(THEIRS, CLOCK)
    await producer.publish([record(first, first.id, source="/test", at=first.at)])

    with pytest.raises(IdKeyError, match="fingerprint"):
        await claim(reader, producer, CLOCK, OURS)

    kept = await existing_ids(reader)
    assert kept.claim == first
    assert reader.logs[next(at for at in reader.logs if at.topic == COUNTY.name)][-1].value is None


async def test_the_same_key_may_claim_twice(
    reader: InMemoryReader, producer: InMemoryProducer
) -> None:
    await claim(reader, producer, CLOCK, OURS)
    await claim(reader, producer, CLOCK, OURS)

    found = await existing_ids(reader)
    assert found.claim is not None
    assert found.claim.fingerprint == OURS.fingerprint()


async def test_an_interrupted_migration_keeps_every_process_from_starting() -> None:
    made = claim_of(OURS, CLOCK).model_copy(update={"state": IdState.MIGRATING})

    with pytest.raises(IdKeyError, match="migrate-ids"):
        check_claim(made, OURS)


async def test_a_machine_without_the_key_of_a_claimed_record_creates_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: InMemoryReader
) -> None:
    monkeypatch.delenv("ROOST_WEBHOOK_KEY")
    settings = Settings(data=tmp_path)
    claimed = Existing(claim_of(THEIRS, CLOCK), filled=True)

    with pytest.raises(IdKeyError, match="this machine has no county key"):
        await claimed_key(settings, reader, claimed)

    assert existing_county_key(settings) is None
    assert not (tmp_path / "keys").exists()


def test_a_county_key_is_created_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ROOST_WEBHOOK_KEY")
    settings = Settings(data=tmp_path)

    assert existing_county_key(settings) is None
    assert county_key(settings) == county_key(settings) == existing_county_key(settings)


def test_a_migration_needs_a_key_that_exists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ROOST_WEBHOOK_KEY")
    settings = Settings(data=tmp_path)

    with pytest.raises(RoostError, match="ROOST_DATA"):
        required_county_key(settings)
    assert not (tmp_path / "keys").exists()

    assert county_key(settings) == required_county_key(settings)


def test_a_short_county_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RoostError, match="at least 32"):
        existing_county_key(Settings(data=tmp_path, webhook_key="short"))  # type: ignore[arg-type]


def test_every_topic_with_keyed_ids_counts_as_filled() -> None:
    assert ACCOUNTS in FILLED_BY
    assert set(TOPICS) - set(FILLED_BY) == {COUNTY, STATIONS}
