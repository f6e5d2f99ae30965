"""Dead letters: listed, shown and retried.

A retry publishes the record again as it was. In a compacted topic it is refused if a newer event of
the same key exists: that one is the current version. A delivery is not an event but a row with a
state: a retry makes the row wait again in its current version.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from roost.errors import Conflict, NotFound
from roost.events.dead_letter import DeadLetter, DeadLetterStatus
from roost.events.envelope import Record, content_id, record
from roost.kafka.incoming import Incoming, decode_fact, newest_readable
from roost.kafka.reader import KafkaReader
from roost.kafka.sender import Sender
from roost.servers.connections import Servers
from roost.time.clock import Clock
from roost.topics import DEAD_LETTERS, DELIVERIES, Topic, topic_named
from roost.views.elastic import Elastic
from streams.deliver.delivery_admin import requeue
from streams.deliver.ledger import Ledger

SOURCE = "/dead-letters/retry"


@dataclass(frozen=True, slots=True)
class ParkedRecord:
    """A dead letter and the record it points to; None when its topic no longer keeps it."""

    letter: DeadLetter
    origin: Incoming | None


async def find_dead_letters(
    bootstrap_servers: Servers, *, all_of_them: bool = False
) -> list[DeadLetter]:
    """Return the pending dead letters, oldest first; with `all_of_them` also the retried ones."""
    newest: dict[str, DeadLetter] = {}
    async for batch in KafkaReader(bootstrap_servers).read_to_end(DEAD_LETTERS):
        for fact in newest_readable(batch):
            if fact.event is not None:
                newest[fact.key] = fact.event
    listed = [
        letter
        for letter in newest.values()
        if all_of_them or letter.status is DeadLetterStatus.PARKED
    ]
    return sorted(listed, key=lambda letter: (letter.at, letter.id))


async def find_dead_letter(bootstrap_servers: Servers, id: str) -> ParkedRecord:
    """Return a dead letter with its record. Raises NotFound for an unknown id."""
    found = [
        each
        for each in await find_dead_letters(bootstrap_servers, all_of_them=True)
        if each.id == id
    ]
    if not found:
        raise NotFound(f"There is no dead letter {id}; `roost dead-letters list` shows them.")
    letter = found[0]
    topic = topic_named(letter.topic)
    records = await _records_from(bootstrap_servers, topic, letter)
    at = next((each for each in records if each.offset == letter.offset), None)
    return ParkedRecord(letter, at)


async def retry_dead_letter(
    bootstrap_servers: Servers, elastic: Elastic, sender: Sender, clock: Clock, id: str
) -> DeadLetter:
    """Publish the record again, or make the delivery wait again; return the updated dead letter.

    Raises NotFound, Conflict if the record or the row has a newer version, and Transient.
    """
    parked = await find_dead_letter(bootstrap_servers, id)
    letter, origin = parked.letter, parked.origin
    if origin is None:
        raise Conflict(
            f"{id}: the topic {letter.topic} no longer keeps the record; it cannot be retried."
        )
    if letter.topic == DELIVERIES.name:
        ledger = Ledger(elastic, sender, clock, bootstrap_servers)
        await requeue(elastic, ledger, clock, decode_fact(origin).required_event.id)
    else:
        await sender.publish([await _record_again(bootstrap_servers, letter, origin)])
    now = clock.now()
    retried = letter.model_copy(update={"status": DeadLetterStatus.RETRIED, "at": now})
    await sender.publish([record(retried, retried.id, source=SOURCE, at=now)])
    return retried


async def _record_again(bootstrap_servers: Servers, letter: DeadLetter, origin: Incoming) -> Record:
    """Return the record as it was. Raises Conflict if a newer event exists."""
    topic = topic_named(letter.topic)
    later = await _records_from(bootstrap_servers, topic, letter)
    if topic.compacted and any(
        each.key == origin.key and each.offset > origin.offset for each in later
    ):
        raise Conflict(
            f"{letter.id}: a newer event of the same key exists; this one cannot be retried."
        )
    key = (origin.key or b"").decode("utf-8", errors="replace")
    return Record(
        topic,
        key,
        origin.value,
        [
            ("ce_specversion", b"1.0"),
            ("ce_id", content_id(topic.name, key, origin.value).encode()),
            ("ce_type", topic.event_type.encode()),
            ("ce_source", SOURCE.encode()),
            ("ce_time", origin.at.isoformat().encode()),
        ],
        chosen_partition=origin.partition,
    )


async def _records_from(
    bootstrap_servers: Servers, topic: Topic, letter: DeadLetter
) -> Sequence[Incoming]:
    """Return the records of the dead letter's partition, from its own offset on."""
    found: list[Incoming] = []
    async for batch in KafkaReader(bootstrap_servers).read_to_end(
        topic,
        partitions=[letter.partition],
        start={letter.partition: letter.offset},
    ):
        found += batch
    return found
