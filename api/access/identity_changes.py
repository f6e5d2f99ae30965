"""Who there is: accounts, keys and sessions, held in memory, and how a change comes into force."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from api.ports.topic_table import MemoryTable
from producers import identity_facts as facts
from roost.errors import Conflict, NotFound
from roost.events.common import Model
from roost.events.envelope import Record, record, tombstone
from roost.kafka.ports import Producer
from roost.topics import topic_of

Value = TypeVar("Value", bound=Model)


async def put(publisher: Producer, held: MemoryTable[Value], said: Record) -> int:
    """Publishes, and returns once it is in force in this process, with the version it has."""
    [position] = await publisher.publish([said])
    await held.reached(position.offset)
    return position.version


async def put_new(
    publisher: Producer, held: MemoryTable[Value], said: Record, at: datetime, conflict: Conflict
) -> int:
    """The same for what must not be there yet. Raises `conflict` when it is, and leaves it so."""
    if held.get(said.key) is not None:
        raise conflict
    [position] = await publisher.publish([said])
    before = await held.reached(position.offset)
    if before.value is not None:  # another process was quicker: what it wrote stands
        await put(publisher, held, _said(held, said.key, before.value, at))
        raise conflict
    return position.version


async def change(
    publisher: Producer,
    held: MemoryTable[Value],
    key: str,
    alter: Callable[[Value], Value],
    at: datetime,
) -> Value:
    """Changes what a key holds; in force in this process when it returns. Raises NotFound.

    When another process changed it in between, the change is made again on what that one wrote:
    so a session that is being used never undoes its end, nor a password the closing of an account.
    """
    base = held.entry(key)
    standing, expected = base.value, base.at
    while True:
        if standing is None:
            raise NotFound("It is no longer there.", "已不存在。")
        changed = alter(standing)
        if changed == standing and expected == base.at:
            return changed
        [position] = await publisher.publish([_said(held, key, changed, at)])
        before = await held.reached(position.offset)
        if before.at == expected:
            return changed
        if before.value is None:
            await put(publisher, held, _said(held, key, None, at))
        standing, expected = before.value, position.offset


def _said(held: MemoryTable[Value], key: str, value: Value | None, at: datetime) -> Record:
    if value is None:
        return tombstone(topic_of(held.event), key, source=facts.SOURCE, at=at)
    return record(value, key, source=facts.SOURCE, at=at)
