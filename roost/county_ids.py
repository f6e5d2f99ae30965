"""A check before a process starts: are the ids of this record derived from our county's key?

The record holds the fingerprint of the key. The first process that meets an empty record claims it.
A process with another key, or without one, would give everybody a second id, so it does not start.
A record that an earlier release filled has no claim: its ids stay unkeyed until they are migrated.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from roost import ids
from roost.errors import Transient
from roost.events.county import IdState, KeyClaim
from roost.events.envelope import record, tombstone
from roost.ids import IdKey, IdKeyError
from roost.kafka.incoming import newest_readable
from roost.kafka.ports import Producer, TopicReader, partitions_of
from roost.kafka.reader import KafkaReader
from roost.kafka.sender import Sender
from roost.security.county_key import county_key, existing_county_key, id_key
from roost.servers.connections import brokers_of
from roost.settings import Settings
from roost.time.clock import Clock, SystemClock
from roost.topics import COUNTY, STATIONS, TOPICS

_log = structlog.get_logger(__name__)
SOURCE = "/county"
FILLED_BY = tuple(topic for topic in TOPICS if topic not in {COUNTY, STATIONS})
"""Topics whose records hold keyed ids."""
DUE = (
    "The ids in this record are not keyed: roster numbers can be guessed from them. Stop the API "
    "and run `roost migrate-ids` (docs/operations.md, Keyed ids)."
)
DUE_ZH = "现有编号未加密，可被推算出名册编号；请停用接口后运行 roost migrate-ids。"


@dataclass(frozen=True, slots=True)
class Existing:
    """The claim on a record, and whether the record holds anything yet."""

    claim: KeyClaim | None
    filled: bool

    @property
    def migration_due(self) -> bool:
        """Whether an earlier release filled the record with unkeyed ids."""
        return self.claim is None and self.filled


async def install_ids(settings: Settings, *, wait: bool = False) -> bool:
    """Install the key of the ids in this process; return whether a migration is due.

    With `wait` it waits until Kafka answers. Raises IdKeyError if the record belongs to another
    key or a migration was interrupted, and Transient if Kafka is away.
    """
    reader = KafkaReader(brokers_of(settings))
    existing = await _patiently(reader) if wait else await existing_ids(reader)
    if existing.migration_due:
        ids.install(ids.UNKEYED)
        _log.warning("id_migration_due", remedy=DUE)
        return True
    ids.install(await claimed_key(settings, reader, existing))
    return False


async def install_ids_for_dry_run(settings: Settings) -> None:
    """Install the record's key, or any key if Kafka is away: nothing will be published."""
    try:
        await install_ids(settings)
    except Transient:
        ids.install(IdKey(secrets.token_bytes(ids.KEY_BYTES)))


async def _patiently(reader: TopicReader) -> Existing:
    """Read the claim as soon as Kafka answers."""
    from stamina import retry_context

    async for attempt in retry_context(on=Transient, attempts=None, timeout=None, wait_max=5.0):
        with attempt:
            return await existing_ids(reader)
    raise AssertionError("retries without a limit end with an answer")


async def claimed_key(settings: Settings, reader: TopicReader, existing: Existing) -> IdKey:
    """Return our key if it is the record's; claim an empty record. Raises IdKeyError."""
    key = _own_key(settings, existing.claim)
    if existing.claim is None:
        async with Sender(brokers_of(settings)) as sender:
            await claim(reader, sender, SystemClock(), key)
    else:
        check_claim(existing.claim, key)
    return key


def check_claim(claim: KeyClaim, key: IdKey) -> None:
    """Raise IdKeyError unless the key is that of the claim, and no migration was interrupted."""
    if claim.fingerprint != key.fingerprint():
        raise _another_key(claim, key.fingerprint())
    if claim.state is IdState.MIGRATING:
        raise IdKeyError(
            "The migration of the ids was interrupted; run `roost migrate-ids` again until it "
            "reports its end.",
            "编号迁移未完成，请再次运行 roost migrate-ids 直至结束。",
        )


async def existing_ids(reader: TopicReader) -> Existing:
    """Return the claim on the record. Raises Transient."""
    found = await claims(reader)
    if found:
        return Existing(found[0], filled=True)
    ends = await reader.end_offsets(partitions_of(FILLED_BY))
    return Existing(None, filled=any(ends.values()))


async def claims(reader: TopicReader) -> Sequence[KeyClaim]:
    """Return all claims in the order in which they were made; the first one counts."""
    found: dict[str, KeyClaim] = {}
    async for batch in reader.read_to_end(COUNTY):
        for fact in newest_readable(batch):
            if fact.event is None:
                found.pop(fact.key, None)
            else:
                found[fact.key] = fact.event
    return list(found.values())


async def claim(reader: TopicReader, producer: Producer, clock: Clock, key: IdKey) -> None:
    """Claim an empty record. Raises IdKeyError if another process was first with another key."""
    made = claim_of(key, clock)
    await producer.publish([record(made, made.id, source=SOURCE, at=made.at)])
    first = (await claims(reader))[0]
    if first.fingerprint != made.fingerprint:
        withdrawn = tombstone(COUNTY, made.id, source=SOURCE, at=made.at)
        await producer.publish([withdrawn])
        raise _another_key(first, made.fingerprint)


def claim_of(key: IdKey, clock: Clock) -> KeyClaim:
    """Return the claim that a key makes."""
    fingerprint = key.fingerprint()
    return KeyClaim(id=f"key-{fingerprint}", fingerprint=fingerprint, at=clock.now())


def _own_key(settings: Settings, claim: KeyClaim | None) -> IdKey:
    """Return this machine's key; create one only for a record that nobody has claimed."""
    key = existing_county_key(settings)
    if key is None and claim is not None:
        raise _another_key(claim, None)
    return id_key(key if key is not None else county_key(settings))


def _another_key(claim: KeyClaim, ours: str | None) -> IdKeyError:
    own = f"this machine's key has {ours}" if ours else "this machine has no county key"
    own_zh = f"本机密钥指纹为 {ours}" if ours else "本机没有县级密钥"
    return IdKeyError(
        f"The ids of this record come from the county key with the fingerprint {claim.fingerprint},"
        f" but {own}. Set ROOST_WEBHOOK_KEY to that key, or copy its file `keys/county.key` into "
        "ROOST_DATA.",
        f"本系统编号所用县级密钥的指纹为 {claim.fingerprint}，而{own_zh}。"
        "请将 ROOST_WEBHOOK_KEY 设为该密钥，或将其文件 keys/county.key 复制到 ROOST_DATA。",
    )
