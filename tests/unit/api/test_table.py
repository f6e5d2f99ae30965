"""Tables of small topics, and concurrent changes of which none is lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any, cast

import pytest

from api.access.identity_changes import change, put_new
from api.ports.topic_table import MemoryTable, TopicTable
from producers import identity_facts as facts
from roost.errors import Conflict, NotFound
from roost.events.account import Account, AccountRole, ApiKey, Holder
from roost.events.opening import Opening
from roost.kafka.reader import KafkaReader
from roost.topics import OPENINGS
from tests.unit.api.builders import NOW
from tests.unit.api.signed import Topics

ADMIN = Holder(role=AccountRole.ADMIN)


def renamed(name: str) -> Any:
    return lambda account: account.model_copy(update={"name": name})


def made(topics: Topics) -> Account:
    account, record = facts.account_made(ADMIN, "li", "李", None, at=NOW)
    topics.put(record)
    return account


def test_the_newest_of_a_key_holds_and_a_tombstone_empties_it() -> None:
    held = MemoryTable(ApiKey)
    key, record, _ = facts.key_made(ADMIN, "ops", at=NOW)
    held.apply(key.id.encode(), record.value, 0)
    assert held.get(key.id) == key
    assert list(held.values()) == [key]
    held.apply(key.id.encode(), None, 1)
    assert held.get(key.id) is None
    assert list(held.values()) == []


def test_what_cannot_be_read_lets_nobody_in() -> None:
    held = MemoryTable(ApiKey)
    key, record, _ = facts.key_made(ADMIN, "ops", at=NOW)
    held.apply(key.id.encode(), record.value, 0)
    for offset, poison in enumerate((b"{", b'{"id": 5}', b"\xff", b"null"), start=1):
        held.apply(key.id.encode(), poison, offset)
        assert held.get(key.id) is None
    held.apply(b"\xff\xfe", b"{}", 9)


async def test_who_waits_for_a_record_is_told_what_it_replaced() -> None:
    held = MemoryTable(ApiKey)
    key, record, _ = facts.key_made(ADMIN, "ops", at=NOW)
    waiting = asyncio.create_task(held.reached(1))
    await asyncio.sleep(0)
    held.apply(key.id.encode(), record.value, 0)
    assert not waiting.done()
    held.apply(key.id.encode(), None, 1)
    replaced = await waiting
    assert replaced is not None
    assert (replaced.value, replaced.at) == (key, 0)


def test_a_topic_of_several_partitions_makes_no_table() -> None:
    with pytest.raises(ValueError, match="several partitions"):
        TopicTable(KafkaReader("127.0.0.1:1"), OPENINGS, Opening)


async def test_a_change_is_in_force_when_it_returns() -> None:
    topics = Topics()
    account = made(topics)
    accounts = topics.identities.accounts
    changed = await change(cast(Any, topics), accounts, account.id, renamed("王"), NOW)
    assert accounts.get(account.id) == changed
    assert changed.name == "王"


async def test_nothing_is_written_when_nothing_changes() -> None:
    topics = Topics()
    account = made(topics)
    accounts = topics.identities.accounts
    await change(cast(Any, topics), accounts, account.id, renamed("李"), NOW)
    assert len(topics.records) == 1


async def test_what_another_process_changed_in_between_is_kept() -> None:
    topics = Topics()
    account = made(topics)
    closed = account.model_copy(update={"disabled": True})
    topics.between.append(lambda: topics.put(facts.account_put(closed, at=NOW)) and None)
    accounts = topics.identities.accounts
    await change(cast(Any, topics), accounts, account.id, renamed("王"), NOW)
    standing = accounts.get(account.id)
    assert standing is not None
    assert (standing.name, standing.disabled) == ("王", True)


async def test_what_another_process_erased_in_between_stays_erased() -> None:
    topics = Topics()
    account = made(topics)
    erased = facts.account_erased(account.id, at=NOW)
    topics.between.append(lambda: topics.put(erased) and None)
    accounts = topics.identities.accounts
    with pytest.raises(NotFound):
        await change(cast(Any, topics), accounts, account.id, renamed("王"), NOW)
    assert accounts.get(account.id) is None


async def test_of_two_who_take_a_login_at_once_the_first_has_it() -> None:
    topics = Topics()
    first, theirs = facts.account_made(ADMIN, "li", "李一", None, at=NOW)
    _, ours = facts.account_made(ADMIN, "li", "李二", None, at=NOW + timedelta(seconds=1))
    topics.between.append(lambda: topics.put(theirs) and None)
    accounts = topics.identities.accounts
    with pytest.raises(Conflict):
        await put_new(cast(Any, topics), accounts, ours, NOW, Conflict("taken"))
    assert accounts.get(first.id) == first
