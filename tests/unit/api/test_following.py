"""Tables and the change feed, on a reader in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from api.live.change_feed import TopicFeed
from api.live.feed_positions import PARTITIONS, TOPICS
from api.ports.following import FollowerTask, TopicFollower
from api.ports.topic_table import TopicTable
from producers import identity_facts as facts
from roost.errors import Transient
from roost.events.account import AccountRole, ApiKey, Holder
from roost.kafka.incoming import Incoming
from roost.kafka.ports import Partition, Start
from roost.topics import API_KEYS, OPENINGS, REQUESTS
from tests.unit.api.builders import NOW
from tests.unit.api.reading import InMemoryReader


@asynccontextmanager
async def running(task: FollowerTask | TopicFeed) -> AsyncIterator[None]:
    task.start()
    try:
        yield
    finally:
        await task.close()


async def test_a_follower_takes_every_record_and_has_caught_up_at_the_end() -> None:
    reader, taken = InMemoryReader([REQUESTS]), list[Incoming]()
    reader.append(REQUESTS, b"1")
    since = NOW - timedelta(days=1)
    follower = TopicFollower(reader, [REQUESTS], taken.append, since)
    async with running(follower):
        await reader.deliver(caught_up=False)
        assert [each.value for each in taken] == [b"1"]
        with pytest.raises(Transient, match="just started"):
            await follower.caught_up(within_s=0.01)
        reader.append(REQUESTS, b"2")
        await reader.deliver()
        await follower.caught_up()
    assert [each.value for each in taken] == [b"1", b"2"]
    assert follower.positions[Partition(REQUESTS.name, 0)] == 2
    assert reader.starts == [since]


async def test_a_follower_without_a_moment_begins_at_the_end() -> None:
    reader = InMemoryReader([REQUESTS])
    async with running(TopicFollower(reader, [REQUESTS], lambda incoming: None, None)):
        await reader.deliver()
    assert reader.starts == [Start.END]


async def test_a_table_holds_the_values_of_its_topic_and_forgets_those_of_a_former_one() -> None:
    reader = InMemoryReader([API_KEYS])
    table = TopicTable(reader, API_KEYS, ApiKey)
    key, record, _ = facts.key_made(Holder(role=AccountRole.ADMIN), "ops", at=NOW)
    async with running(table):
        assert not table.caught_up
        reader.append(API_KEYS, record.value, key.id)
        await reader.deliver(caught_up=False)
        assert not table.caught_up
        assert table.get(key.id) == key
        await reader.deliver()
        assert table.caught_up
        reader.logs[Partition(API_KEYS.name, 0)].clear()
        await reader.deliver(caught_up=False, restarted=True)
        assert table.get(key.id) is None
        assert not table.caught_up
    assert reader.starts == [Start.BEGINNING]


async def test_the_feed_gives_new_changes_from_memory_and_older_ones_from_the_topic() -> None:
    reader = InMemoryReader(list(TOPICS.values()))
    for number in range(3):
        reader.append(OPENINGS, b"{}", f"o-{number}")
    reader._delivered = {each: len(log) for each, log in reader.logs.items()}
    feed = TopicFeed(reader)
    beginning = dict.fromkeys(PARTITIONS, 0)
    async with running(feed):
        await reader.deliver()
        now = await feed.now()
        old, reached = await feed.page(beginning, PARTITIONS, 2)
        assert [each.key for each in old] == ["o-0", "o-1"]
        old, reached = await feed.page(reached, PARTITIONS, 2)
        assert [each.key for each in old] == ["o-2"]
        assert reached == now
        assert reader.reads == 2
        waiting = asyncio.create_task(feed.come(5))
        await asyncio.sleep(0)
        reader.append(OPENINGS, b"{}", "o-3")
        await reader.deliver()
        assert await waiting
        new, reached = await feed.page(now, PARTITIONS)
        assert [each.key for each in new] == ["o-3"]
        assert reached == await feed.now()
        assert await feed.page(reached, PARTITIONS) == ([], reached)
        ahead = dict.fromkeys(PARTITIONS, 1_000)
        assert await feed.page(ahead, PARTITIONS) == ([], reached)
        assert not await feed.come(0.01)
    assert reader.reads == 2
