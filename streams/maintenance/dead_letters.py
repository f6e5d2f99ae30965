"""Dead letters: listed, shown and retried.

A retry publishes the record again as it was. In a compacted topic it is refused if a newer event of
the same key exists: that one is the current version. A delivery is not an event but a row with a
state: a retry makes the row wait again in its current version.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from roost.errors import Conflict, NotFound, Refused
from roost.events.dead_letter import DeadLetter, DeadLetterStatus
from roost.events.envelope import Record, content_id, record
from roost.kafka.incoming import Incoming, decode_fact, newest_readable
from roost.kafka.ports import Producer, TopicReader
from roost.kafka.reader import KafkaReader
from roost.servers.connections import Servers
from roost.text.terminal_text import terminal_text
from roost.time.clock import Clock
from roost.topics import DEAD_LETTERS, DELIVERIES
from roost.views.elastic import Elastic
from streams.deliver.delivery_admin import requeue
from streams.deliver.ledger import Ledger
from streams.maintenance.lettered_records import LetteredRecords, record_at

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
    (letter,) = await chosen_dead_letters(bootstrap_servers, [id])
    return ParkedRecord(letter, await record_at(KafkaReader(bootstrap_servers), letter))


async def chosen_dead_letters(bootstrap_servers: Servers, ids: Sequence[str]) -> list[DeadLetter]:
    """Return dead letters by their ids. Raises NotFound, naming every unknown id."""
    found = {each.id: each for each in await find_dead_letters(bootstrap_servers, all_of_them=True)}
    unknown = [id for id in ids if id not in found]
    if unknown:
        names = ", ".join(unknown)
        raise NotFound(
            f"There is no dead letter {names}; `roost dead-letters list` shows them.",
            f"没有死信 {names}，可运行 roost dead-letters list 查看。",
        )
    return [found[id] for id in dict.fromkeys(ids)]


async def retry_dead_letter(
    bootstrap_servers: Servers, elastic: Elastic, sender: Producer, clock: Clock, id: str
) -> DeadLetter:
    """Publish the record again, or make the delivery wait again; return the updated dead letter.

    Raises NotFound, Conflict if the record or the row has a newer version, and Transient.
    """
    letters = await chosen_dead_letters(bootstrap_servers, [id])
    retrying = Retrying(bootstrap_servers, elastic, sender, clock)
    (result,) = [each async for each in retrying.retry(letters)]
    if result.refusal is not None:
        raise result.refusal
    return result.letter


@dataclass(frozen=True, slots=True)
class RetryResult:
    """A dead letter after its retry, and why the retry was refused, if it was."""

    letter: DeadLetter
    refusal: Refused | None = None


class Retrying:
    """The retry of many dead letters. Every partition is read once, whatever their number."""

    def __init__(
        self, bootstrap_servers: Servers, elastic: Elastic, sender: Producer, clock: Clock
    ) -> None:
        self._servers = bootstrap_servers
        self._reader: TopicReader = KafkaReader(bootstrap_servers)
        self._elastic = elastic
        self._sender = sender
        self._clock = clock

    async def retry(self, letters: Sequence[DeadLetter]) -> AsyncIterator[RetryResult]:
        """Retry the letters, topic by topic and in the order of their records; yield each result.

        Raises Transient.
        """
        records = LetteredRecords(self._reader, letters)
        pending = {each.id: each for each in letters}
        for topic in records.topics():
            async for page in records.pages(topic):
                for found in page:
                    for letter in records.letters_of(found):
                        del pending[letter.id]
                        yield await self._result(records, letter, found)
        for letter in pending.values():
            yield RetryResult(letter, _not_kept(letter))

    async def _result(
        self, records: LetteredRecords, letter: DeadLetter, found: Incoming
    ) -> RetryResult:
        try:
            await self._publish_again(records, letter, found)
        except Refused as refusal:
            return RetryResult(letter, refusal)
        now = self._clock.now()
        retried = letter.model_copy(update={"status": DeadLetterStatus.RETRIED, "at": now})
        await self._sender.publish([record(retried, retried.id, source=SOURCE, at=now)])
        return RetryResult(retried)

    async def _publish_again(
        self, records: LetteredRecords, letter: DeadLetter, found: Incoming
    ) -> None:
        if letter.topic == DELIVERIES.name:
            ledger = Ledger(self._elastic, self._sender, self._clock, self._servers)
            id = decode_fact(found).required_event.id
            await requeue(self._elastic, ledger, self._clock, id)
            return
        if records.superseded(found):
            raise Conflict(
                f"{letter.id}: a newer event of the same key exists; this one cannot be retried.",
                f"{letter.id}：同一对象已有更新的事件，该条不能重试。",
            )
        (position,) = await self._sender.publish([record_again(letter, found)])
        records.note(found, position)


def _not_kept(letter: DeadLetter) -> Conflict:
    return Conflict(
        f"{letter.id}: the topic {letter.topic} no longer keeps the record; it cannot be retried.",
        f"{letter.id}：主题 {letter.topic} 已不再保存该记录，不能重试。",
    )


def record_again(letter: DeadLetter, origin: Incoming) -> Record:
    """Return the record as it was, for its original partition: pure.

    Raises Conflict if its key is not a text of ids: no stage reads such a record, and under
    another key it would be another entity's.
    """
    topic = origin.topic
    if origin.key is None or not origin.key.isascii():
        raise Conflict(
            f"{letter.id}: the record's key is not an id, so it cannot be retried; correct its "
            "producer and publish it again from there.",
            f"{letter.id}：该记录的键不是编号，不能重试，请由来源更正后重新发布。",
        )
    key = origin.key.decode("ascii")
    kind = topic.event_type if origin.value is not None else f"{topic.event_type}.erased"
    return Record(
        topic,
        key,
        origin.value,
        [
            ("ce_specversion", b"1.0"),
            ("ce_id", content_id(topic.name, key, origin.value).encode()),
            ("ce_type", kind.encode()),
            ("ce_source", SOURCE.encode()),
            ("ce_time", origin.at.isoformat().encode()),
        ],
        chosen_partition=origin.partition,
    )


def shown_value(value: bytes | None) -> str:
    """Return a record's value for a terminal."""
    if value is None:
        return "(empty)"
    return terminal_text(value.decode("utf-8", errors="backslashreplace"))
