"""A bounded queue of deliveries without duplicates that serves every receiver in turn.

Deliveries leave in the order of their due time, one message of each receiver before the next of
any. A receiver that holds many rows, or that does not answer, therefore delays no other: not in
the order, not in the number of messages in flight, and not in the room of the queue.
"""

from __future__ import annotations

import asyncio
import itertools
from bisect import insort
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from roost.events.notification import Delivery
from roost.time.clock import Clock
from streams.deliver.messages import message_mark

ROOM = 5_000
"""Most rows in a queue; the rest stays in the ledger until there is room."""
PER_RECEIVER = 500
"""Most rows of one receiver in a queue that several share."""
BUSY = 50
"""Rows in the process from which on a receiver gets no more from the ledger until some end."""
SOON = timedelta(minutes=1)
"""Rows due later than this stay in the ledger: a night's messages would fill the queue."""
LONGEST_SLEEP_S = 5.0
Entry = tuple[datetime, int, Delivery]


class Gate(Protocol):
    """Decides when, and how many messages at once, a receiver may be sent."""

    def closed_from(self, receiver: str) -> datetime | None:
        """Return None if a message may be sent now, else the time to ask again."""
        ...

    def at_once(self, receiver: str) -> int:
        """Return the most messages in flight to a receiver."""
        ...


class OpenGate:
    """A gate that is always open."""

    def closed_from(self, receiver: str) -> datetime | None:
        return None

    def at_once(self, receiver: str) -> int:
        return ROOM


@dataclass(frozen=True, slots=True)
class InHand:
    """The rows that a process holds: receivers with enough of them, and the rows of the others."""

    busy: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()

    def __or__(self, other: InHand) -> InHand:
        return InHand(self.busy | other.busy, self.ids | other.ids)


class DueQueue:
    """The deliveries that one lane holds."""

    def __init__(self, clock: Clock, room: int = ROOM, per_receiver: int = PER_RECEIVER) -> None:
        self._clock = clock
        self.room = room
        self._per_receiver = per_receiver
        self._rows: dict[str, list[Entry]] = {}
        """Queued rows by receiver, the longest due first."""
        self._known: dict[str, set[str]] = {}
        """Ids by receiver of the rows that are queued, or taken and not done."""
        self._flying: Counter[str] = Counter()
        """Messages by receiver that were taken and are not done."""
        self._turns: dict[str, int] = {}
        """The turn in which a receiver was last served, or came."""
        self._turn = 0
        self._size = 0
        self._number = itertools.count()
        self._changed = asyncio.Event()
        self._closed = False

    def __len__(self) -> int:
        return self._size

    def knows(self, row: Delivery) -> bool:
        """Return whether the row is queued, or was taken and is not done."""
        return row.id in self._known.get(_receiver(row), ())

    def in_hand(self) -> InHand:
        """Return the rows that are queued, or were taken and are not done."""
        busy = {receiver for receiver, ids in self._known.items() if len(ids) >= BUSY}
        others = (ids for receiver, ids in self._known.items() if receiver not in busy)
        return InHand(frozenset(busy), frozenset(itertools.chain.from_iterable(others)))

    def put(self, rows: Iterable[Delivery]) -> None:
        """Queue the rows that are due soon and not known, as far as there is room.

        A full queue makes room for a receiver that holds less than another. Rows of one message
        are queued together or not at all.
        """
        soon = self._clock.now() + SOON
        messages: dict[str, list[Delivery]] = {}
        for row in rows:
            if row.due_at <= soon and not self.knows(row):
                messages.setdefault(message_mark(row), []).append(row)
        for message in messages.values():
            if self._has_room(_receiver(message[0]), len(message)):
                self._add(message)
        self._changed.set()

    def done(self, rows: Iterable[Delivery]) -> None:
        """Forget taken rows: they have ended, or wait in the ledger."""
        marks: dict[str, set[str]] = {}
        for row in rows:
            receiver = _receiver(row)
            self._forget(receiver, row.id)
            marks.setdefault(receiver, set()).add(message_mark(row))
        for receiver, ended in marks.items():
            self._flying[receiver] -= len(ended)
            if self._flying[receiver] <= 0:
                del self._flying[receiver]
        self._changed.set()

    def close(self) -> None:
        """End the queue: `take` returns nothing from now on."""
        self._closed = True
        self._changed.set()

    async def take(self, most: int, gate: Gate | None = None) -> list[Delivery]:
        """Wait for a due row whose receiver may be sent; return due rows, each receiver in turn.

        Returns whole messages, the last of them perhaps beyond `most` rows, and nothing once the
        queue is closed.
        """
        gate = gate or OpenGate()
        while not self._closed:
            now = self._clock.now()
            if taken := self._due(now, most, gate):
                return taken
            wait = self._wait_s(now, gate)
            self._changed.clear()
            try:
                async with asyncio.timeout(max(0.001, min(wait, LONGEST_SLEEP_S))):
                    await self._changed.wait()
            except TimeoutError:
                continue
        return []

    def _due(self, now: datetime, most: int, gate: Gate) -> list[Delivery]:
        """Take one message of each receiver that may be sent, then a second one, up to `most`."""
        self._turn += 1
        taken: list[Delivery] = []
        while len(taken) < most:
            served = [each for each in self._rows if self._may_send(each, now, gate)]
            if not served:
                break
            served.sort(key=lambda each: (self._turns[each], self._rows[each][0][:2]))
            for receiver in served:
                taken += self._take_message(receiver, now)
                if len(taken) >= most:
                    break
        return taken

    def _may_send(self, receiver: str, now: datetime, gate: Gate) -> bool:
        return (
            self._rows[receiver][0][0] <= now
            and self._flying[receiver] < gate.at_once(receiver)
            and gate.closed_from(receiver) is None
        )

    def _take_message(self, receiver: str, now: datetime) -> list[Delivery]:
        """Take the longest due row with all due rows of its message, so that none is split."""
        queued = self._rows[receiver]
        mark = message_mark(queued[0][2])
        taken = [each for each in queued if each[0] <= now and message_mark(each[2]) == mark]
        numbers = {number for _, number, _ in taken}
        self._keep(receiver, [each for each in queued if each[1] not in numbers])
        self._turns[receiver] = self._turn
        self._flying[receiver] += 1
        return [row for _, _, row in taken]

    def _wait_s(self, now: datetime, gate: Gate) -> float:
        """Return the seconds until the first row is due and its receiver may be sent."""
        wait = LONGEST_SLEEP_S
        for receiver, queued in self._rows.items():
            if self._flying[receiver] < gate.at_once(receiver):
                ready = max(queued[0][0], gate.closed_from(receiver) or now)
                wait = min(wait, (ready - now).total_seconds())
        return wait

    def _has_room(self, receiver: str, count: int) -> bool:
        """Return whether these rows may be added; make room if another receiver holds more."""
        own = len(self._rows.get(receiver, ()))
        if own and own + count > self._per_receiver:
            return False
        while self._size and self._size + count > self.room:
            largest = max(self._rows, key=lambda each: len(self._rows[each]))
            if len(self._rows[largest]) < own + count + 1 or largest == receiver:
                return False
            self._drop_last_message(largest)
        return True

    def _drop_last_message(self, receiver: str) -> None:
        """Leave the message that is due last to the ledger."""
        queued = self._rows[receiver]
        mark = message_mark(queued[-1][2])
        for entry in queued:
            if message_mark(entry[2]) == mark:
                self._forget(receiver, entry[2].id)
        self._keep(receiver, [each for each in queued if message_mark(each[2]) != mark])

    def _add(self, message: Sequence[Delivery]) -> None:
        receiver = _receiver(message[0])
        queued = self._rows.setdefault(receiver, [])
        self._turns.setdefault(receiver, self._turn)
        for row in message:
            self._known.setdefault(receiver, set()).add(row.id)
            insort(queued, (row.due_at, next(self._number), row), key=lambda each: each[:2])
        self._size += len(message)

    def _keep(self, receiver: str, left: list[Entry]) -> None:
        self._size -= len(self._rows[receiver]) - len(left)
        if left:
            self._rows[receiver] = left
        else:
            del self._rows[receiver]

    def _forget(self, receiver: str, id: str) -> None:
        known = self._known.get(receiver, set())
        known.discard(id)
        if not known:
            self._known.pop(receiver, None)
            self._turns.pop(receiver, None)


def _receiver(row: Delivery) -> str:
    return row.notification.recipient.id
