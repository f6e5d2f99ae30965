"""The surroundings of the deliver stage in memory, with simulated time.

The stage, its lanes and its ledger are the real ones. The view compares revisions as Elasticsearch
does, and a search sees the state of the last refresh. A process can be killed before any of its
steps. The event loop's clock jumps to the next timer, so hours pass at once.
"""

from __future__ import annotations

import asyncio
import itertools
import selectors
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import orjson

from roost import ids
from roost.events.envelope import Record
from roost.events.notification import (
    Delivery,
    Notification,
    NotificationKind,
    Recipient,
    RecipientKind,
)
from roost.events.preferences import ChannelKind
from roost.kafka.incoming import Incoming
from roost.kafka.ports import Position
from roost.time.clock import FixedClock
from roost.time.leases import Lease
from roost.topics import DEAD_LETTERS, DELIVERIES, NOTIFICATIONS, Topic
from roost.views.elastic import Elastic, Hit, Json, Page, Refusal, Write
from roost.wording import Message
from streams.deliver.contexts import Context
from streams.deliver.ledger import Ledger
from streams.deliver.message_texts import MessageWriter
from streams.notify import notify_stage
from streams.views.foreign_records import ForeignRecords
from streams.views.notification_projection import project_notifications

T = TypeVar("T")
NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
"""Noon in Shanghai."""
REFRESH_S = 1.0
Key = tuple[str, str]


class CountedLoop(asyncio.SelectorEventLoop):
    """An event loop whose time advances only when every task waits, to the next timer at once."""

    def __init__(self) -> None:
        super().__init__(_Jumping(self))
        self.passed = 0.0

    def time(self) -> float:
        return self.passed


class _Jumping(selectors.DefaultSelector):
    def __init__(self, loop: CountedLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("all wait, and nothing will ever happen")
        self._loop.passed += max(0.0, timeout)
        return super().select(0)


def run(step: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=CountedLoop) as runner:
        return runner.run(step)


class CountedClock(FixedClock):
    """A clock that follows the loop's time; its start can be moved to skip a quiet period."""

    _loop: asyncio.AbstractEventLoop | None = None

    def now(self) -> datetime:
        with suppress(RuntimeError):
            self._loop = asyncio.get_running_loop()
        passed = self._loop.time() if self._loop is not None else 0.0
        return self.moment + timedelta(seconds=passed)


@dataclass(slots=True)
class World:
    """The state that outlives every process: the topics, the views and the clock."""

    clock: FixedClock = field(default_factory=lambda: CountedClock(NOON))
    said: list[Record] = field(default_factory=list)
    documents: dict[Key, tuple[int, Json]] = field(default_factory=dict)
    searchable: dict[Key, tuple[int, Json]] = field(default_factory=dict)
    refreshed: datetime = NOON - timedelta(days=1)

    def put(self, view: str, id: str, version: int, fact: Json | None) -> None:
        """Write a fact as the index stage does; None erases it."""
        content = {"erased": True} if fact is None else {"fact": fact}
        self.documents[view, id] = (version, {"version": version, **content})

    def write(self, write: Write, *, equal: bool) -> bool:
        """Return whether a write was applied: a higher version, or with `equal` the same one."""
        key = (write.view, write.id)
        current = self.documents.get(key, (0, {}))[0]
        if write.version < current or (write.version == current and not equal):
            return False
        self.documents[key] = write.version, orjson.loads(orjson.dumps(write.document))
        return True

    def rows(self) -> list[Delivery]:
        """Return the current rows of the ledger."""
        return [
            Delivery.model_validate(document["fact"])
            for (view, _), (_, document) in sorted(self.documents.items())
            if view == DELIVERIES.name
        ]

    def row(self, notification: Notification, channel: ChannelKind) -> Delivery:
        id = ids.delivery_id(notification.id, channel.value)
        return next(row for row in self.rows() if row.id == id)

    def dead_letters(self) -> int:
        return sum(record.topic is DEAD_LETTERS for record in self.said)

    def refresh(self) -> None:
        self.refreshed, self.searchable = self.clock.now(), dict(self.documents)

    def matching(
        self, view: str, filters: Iterable[Json], must_not: Iterable[Json] = ()
    ) -> list[Json]:
        """Return the documents that a search with these filters finds, unsorted."""
        filters, must_not = list(filters), list(must_not)
        return [
            document
            for (place, _), (_, document) in self.searchable.items()
            if place == view
            and all(_meets(document, each) for each in filters)
            and not any(_meets(document, each) for each in must_not)
        ]

    def found(self, view: str, body: Json) -> Page:
        if self.clock.now() - self.refreshed >= timedelta(seconds=REFRESH_S):
            self.refresh()
        ((by, order),) = body["sort"][0].items()
        query = body["query"]["bool"]
        hits = self.matching(view, query["filter"], query.get("must_not", ()))
        hits.sort(key=lambda each: datetime.fromisoformat(each[by]), reverse=order == "desc")
        if collapse := body.get("collapse"):
            first: dict[str, Json] = {}
            for hit in hits:
                first.setdefault(hit[collapse["field"]], hit)
            hits = list(first.values())
        found = tuple(Hit(hit["id"], None, hit) for hit in hits[: body["size"]])
        return Page(found, len(found))


def _meets(document: Json, condition: Json) -> bool:
    ((kind, what),) = condition.items()
    ((name, wanted),) = what.items()
    value = document.get(name)
    if kind == "term":
        return bool(value == wanted)
    if kind == "terms":
        return value in wanted
    if kind == "prefix":
        return str(value).startswith(wanted)
    assert kind == "range"
    if value is None:
        return False
    ((how, limit),) = wanted.items()
    moment, bound = datetime.fromisoformat(value), datetime.fromisoformat(limit)
    return {"lt": moment < bound, "lte": moment <= bound, "gte": moment >= bound}[how]


class Process:
    """A process; every step of it calls `step`, so it can be killed or stopped before any."""

    def __init__(self, world: World, *, backwards: bool = False) -> None:
        self.world = world
        self.dead = False
        self.awake = asyncio.Event()
        self.awake.set()
        self.steps_left: int | None = None
        """The steps after which it is killed; None never."""
        self.stalls_in: int | None = None
        self.backwards = backwards
        """True to write documents in reverse order, so that two writers of the same rows cross."""

    async def step(self) -> None:
        """Let other tasks run first; never return once the process is killed."""
        await asyncio.sleep(0)
        if self.stalls_in is not None:
            self.stalls_in -= 1
            if self.stalls_in < 0:
                self.stalls_in = None
                self.awake.clear()
        await self.awake.wait()
        if self.steps_left is not None:
            self.steps_left -= 1
            self.dead = self.dead or self.steps_left < 0
        if self.dead:
            await asyncio.Event().wait()

    def ledger(self) -> InMemoryLedger:
        return InMemoryLedger(self)


class InMemoryElastic(Elastic):
    def __init__(self, process: Process) -> None:
        self._process = process
        self._world = process.world

    async def mget(
        self, keys: Sequence[Key], fields: Sequence[str] | None = None
    ) -> dict[Key, Json]:
        await self._process.step()
        there = self._world.documents
        return {key: there[key][1] for key in keys if key in there}

    async def versions(self, keys: Sequence[Key]) -> dict[Key, int]:
        await self._process.step()
        there = self._world.documents
        return {key: there[key][0] for key in keys if key in there}

    async def versioned(self, fields: Mapping[Key, Sequence[str]]) -> dict[Key, tuple[int, Json]]:
        await self._process.step()
        there = self._world.documents
        return {
            key: (there[key][0], there[key][1] if names else {})
            for key, names in fields.items()
            if key in there
        }

    async def search(self, view: str, body: Json) -> Page:
        await self._process.step()
        return self._world.found(view, body)

    async def msearch(self, searches: Sequence[tuple[str, Json]]) -> list[Page]:
        return [await self.search(view, body) for view, body in searches]

    async def refresh(self, *views: str) -> None:
        await self._process.step()
        self._world.refresh()

    async def count(self, view: str, query: Json | None = None) -> int:
        await self._process.step()
        assert query is not None
        return len(self._world.matching(view, query["bool"]["filter"]))

    async def claim(self, writes: Sequence[Write]) -> set[str]:
        ordered = list(reversed(writes)) if self._process.backwards else list(writes)
        lost = set()
        for write in ordered:
            await self._process.step()
            if not self._world.write(write, equal=False):
                lost.add(write.id)
        return lost

    async def write(self, writes: Sequence[Write], *, refresh: bool = False) -> list[Refusal]:
        for write in writes:
            await self._process.step()
            self._world.write(write, equal=True)
        return []


def foreign_records(process: Process) -> ForeignRecords:
    """Return the upkeep of the view of notifications by the deliver stage."""
    elastic, source = InMemoryElastic(process), notify_stage.SOURCE
    return ForeignRecords(elastic, NOTIFICATIONS, source, project_notifications)


def incoming(topic: Topic, key: str, source: str = notify_stage.SOURCE) -> Incoming:
    """Return a record of a producer, without its value."""
    headers = (("ce_source", source.encode()),)
    return Incoming(topic, 0, 0, key.encode(), b"", NOON, headers)


class InMemorySender:
    def __init__(self, process: Process) -> None:
        self._process = process

    async def publish(self, records: Sequence[Record]) -> list[Position]:
        said = self._process.world.said
        positions = []
        for record in records:
            await self._process.step()
            positions.append(Position(record.topic.name, record.partition, len(said)))
            said.append(record)
        return positions


class InMemoryLedger(Ledger):
    """The real ledger on a topic and a view in memory."""

    def __init__(self, process: Process) -> None:
        elastic, sender = InMemoryElastic(process), InMemorySender(process)
        super().__init__(elastic, sender, process.world.clock, "")
        self._world = process.world

    async def _recent_records(self) -> AsyncIterator[Sequence[Incoming]]:
        yield [
            Incoming(DELIVERIES, 0, offset, record.key.encode(), record.value, NOON)
            for offset, record in enumerate(self._world.said)
            if record.topic is DELIVERIES
        ]


@dataclass(frozen=True, slots=True)
class Attempt:
    recipient: str
    message_id: str
    rows: tuple[str, ...]
    at: datetime


class RecordingSink:
    """A channel that keeps every attempt, and shows each message id once."""

    def __init__(self, process: Process, knows_ids: bool = True) -> None:
        self.knows_ids = knows_ids
        self.attempts: list[Attempt] = []
        self.seen: dict[tuple[str, str], Attempt] = {}
        self.answers: list[Exception | float] = []
        """The results of the next sends: an error to raise, or the seconds until success."""
        self._process = process

    async def send(
        self, message: Message, recipient: str, address: str, at: datetime, lease: Lease
    ) -> None:
        await self._process.step()
        said = Attempt(recipient, message.id, tuple(message.data["rows"]), at)
        self.attempts.append(said)
        answer = self.answers.pop(0) if self.answers else 0.0
        if isinstance(answer, Exception):
            raise answer
        await asyncio.sleep(answer)
        self.seen.setdefault((recipient, message.id), said)

    def told(self) -> Counter[str]:
        """Return how often each row was shown."""
        return Counter(row for each in self.seen.values() for row in each.rows)


@dataclass(slots=True)
class SentText:
    """One line of the outbox."""

    recipient: str
    at: datetime
    erased: bool = False


@dataclass(slots=True)
class InMemoryOutbox:
    """The outbox, shared by all processes."""

    lines: list[SentText] = field(default_factory=list)
    erasures: int = 0

    async def recipients(self) -> set[str]:
        return {line.recipient for line in self.lines if not line.erased}

    async def erase_texts(self, until_by_recipient: Mapping[str, datetime | None]) -> int:
        self.erasures += 1
        found = [
            line
            for line in self.lines
            if not line.erased
            and line.recipient in until_by_recipient
            and ((until := until_by_recipient[line.recipient]) is None or line.at <= until)
        ]
        for line in found:
            line.erased = True
        return len(found)


class OutboxChannel:
    """A channel that takes a while and then writes to the outbox, in one step."""

    knows_ids = True

    def __init__(self, process: Process, outbox: InMemoryOutbox, takes_s: float = 0.0) -> None:
        self._process, self._outbox, self._takes_s = process, outbox, takes_s

    async def send(
        self, message: Message, recipient: str, address: str, at: datetime, lease: Lease
    ) -> None:
        await asyncio.sleep(self._takes_s)
        self._outbox.lines.append(SentText(recipient, at))


class PlainWords(MessageWriter):
    """A writer of messages that name their rows; it fails for the rows of `unspeakable`."""

    def __init__(self, unspeakable: Iterable[str] = ()) -> None:
        self.unspeakable = set(unspeakable)

    def write(
        self, id: str, rows: Sequence[Delivery], contexts: Sequence[Context], at: datetime
    ) -> Message:
        if self.unspeakable & {row.notification.id for row in rows}:
            raise ValueError("opening.title is missing")
        return Message(id, "title", "body", data={"rows": [row.id for row in rows]})


WORKER = ids.worker_id("t", "1")
_number = itertools.count()


def notification(
    kind: NotificationKind = NotificationKind.POLICY_NEWS,
    recipient: str = WORKER,
    *,
    urgent: bool = False,
    number: int | None = None,
) -> Notification:
    """Return a notification about a notice; a new one each time unless a number is given."""
    cause = ids.derive("b", str(next(_number) if number is None else number))
    kinds = {"w": RecipientKind.WORKER, "s": RecipientKind.STATION, "h": RecipientKind.WEBHOOK}
    return Notification(
        id=ids.notification_id(recipient, cause, kind.value, 1),
        recipient=Recipient(kind=kinds[recipient[0]], id=recipient),
        kind=kind,
        notice_id=cause,
        urgent=urgent,
        version=1,
        caused_at=NOON,
    )
