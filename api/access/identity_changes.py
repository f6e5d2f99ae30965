"""Changes of accounts, keys and sessions: published, and in effect here when the call returns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from api.ports.topic_table import Entry, MemoryTable, put
from producers import identity_facts as facts
from roost.errors import Conflict, NotFound, Transient
from roost.events.common import Model
from roost.events.envelope import Record, record, tombstone
from roost.kafka.ports import Producer
from roost.topics import topic_of

Value = TypeVar("Value", bound=Model)


async def put_new(
    publisher: Producer, held: MemoryTable[Value], new: Record, at: datetime, conflict: Conflict
) -> int:
    """Publish the record of a new key as `put` does. Raises `conflict` if the key exists.

    If another process wrote the key first, its value is restored. Raises Transient if that is no
    longer known: nobody then counts as the first.
    """
    if held.get(new.key) is not None:
        raise conflict
    [position] = await publisher.publish([new])
    before = _known(await held.reached(position.offset))
    if before.value is not None:  # another process wrote first: restore its value
        await put(publisher, held, _record_of(held, new.key, before.value, at))
        raise conflict
    return position.version


async def change(
    publisher: Producer,
    held: MemoryTable[Value],
    key: str,
    alter: Callable[[Value], Value],
    at: datetime,
) -> Value:
    """Change the value of a key; it is in effect in this process on return. Raises NotFound.

    If another process has written the key in between, the change is repeated on that value. So a
    session in use never reverts its end, and a new password never reopens a closed account. If
    `alter` refuses that value, it is restored before the error is raised.
    """
    base = held.entry(key)
    current, expected = base.value, base.at
    refused: Exception | None = None
    while True:
        if current is None:
            raise NotFound("It no longer exists.", "已不存在。")
        try:
            changed = current if refused else alter(current)
        except Exception as error:
            if expected == base.at:  # nothing has been written
                raise
            refused, changed = error, current
        if changed == current and expected == base.at:
            return changed
        [position] = await publisher.publish([_record_of(held, key, changed, at)])
        before = _known(await held.reached(position.offset))
        if before.at == expected:
            if refused:
                raise refused
            return changed
        if before.value is None:
            await put(publisher, held, _record_of(held, key, None, at))
        current, expected = before.value, position.offset


def _known(replaced: Entry[Value] | None) -> Entry[Value]:
    """Return the replaced entry. Raises Transient if it is forgotten: it is not taken for none."""
    if replaced is None:
        raise Transient(
            "Too much has changed at the same time; look again.", "同时变更过多，请重新查看。"
        )
    return replaced


def _record_of(held: MemoryTable[Value], key: str, value: Value | None, at: datetime) -> Record:
    if value is None:
        return tombstone(topic_of(held.event), key, source=facts.SOURCE, at=at)
    return record(value, key, source=facts.SOURCE, at=at)
