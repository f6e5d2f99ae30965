"""Live subscribers on a reader in memory: their changes, and positions to resume from."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from hypothesis import given as drawn
from hypothesis import settings as limits
from hypothesis import strategies as st

from api.live import hub as hub_module
from api.live.concerns import Notice
from api.live.hub import BEFORE_START, TooMuchMissed, TopicHub
from api.live.positions import PositionSeal
from api.live.recent import MOST, MOST_AGE
from api.ports.live_messages import LiveChange, LiveKind
from roost.kafka.incoming import Incoming
from roost.kafka.ports import Newest, partitions_of
from roost.time.clock import FixedClock
from roost.topics import MATCHES, PROFILES
from tests.unit.api.builders import NOW
from tests.unit.api.reading import InMemoryReader

KEY = b"k" * 32


def named_in(incoming: Incoming) -> Iterator[Notice]:
    """Yield the channel and the text that a value names: `s-1:text`."""
    who, _, text = (incoming.value or b"").decode().partition(":")
    if text:
        yield Notice(who, LiveKind.MATCH, text)


class Live:
    """A hub on a reader in memory."""

    def __init__(self) -> None:
        self.reader = InMemoryReader([MATCHES])
        self.clock = FixedClock(NOW)
        self.hub = TopicHub(self.reader, [MATCHES], named_in, self.clock, KEY)

    async def put(self, *values: bytes) -> None:
        """Deliver records to the hub."""
        for value in values:
            self.reader.append(MATCHES, value)
        await self.reader.deliver()

    async def missed(self, channel: str, since: str) -> list[str]:
        return [each.data for each in (await self.hub.missed((channel,), since))[0]]


@asynccontextmanager
async def running() -> AsyncIterator[Live]:
    live = Live()
    live.hub.start()
    try:
        yield live
    finally:
        await live.hub.close()
    assert live.reader.reads == 0, "a subscriber costs no read of the topic"
    assert live.reader.starts == [Newest(BEFORE_START)], "one reader for all subscribers"


async def first(changes: AsyncIterator[LiveChange], count: int) -> list[str]:
    found = []
    async with asyncio.timeout(5):
        async for change in changes:
            found.append(change.data if change.kind is LiveKind.MATCH else change.kind.value)
            if len(found) == count:
                break
    return found


async def test_a_subscriber_receives_its_own_changes_from_where_it_was() -> None:
    async with running() as live:
        await live.put()
        begin = await live.hub.position()
        await live.put(b"s-1:a", b"s-2:b", b"unreadable", b"s-1:c")
        assert await first(live.hub.watch(("s-1",), begin), 2) == ["a", "c"]
        watching = asyncio.create_task(
            first(live.hub.watch(("s-2",), await live.hub.position()), 1)
        )
        await asyncio.sleep(0)
        await live.put(b"s-2:d")
        assert await watching == ["d"]
        changes, position = await live.hub.missed(("s-1",), begin)
        assert [each.data for each in changes] == ["a", "c"]
        assert await live.missed("s-1", position) == []
        assert await live.missed("s-1", changes[0].id) == ["c"]


async def test_a_subscriber_of_several_channels_receives_each_change_once_and_in_order() -> None:
    async with running() as live:
        await live.put()
        begin = await live.hub.position()
        watching = asyncio.create_task(first(live.hub.watch(("s-1", "s-2"), begin), 4))
        await asyncio.sleep(0)
        await live.put(b"s-1:a", b"s-3:x", b"s-2:b", b"s-*:both", b"s-1:c")
        assert await watching == ["a", "b", "both", "c"]
        changes, _ = await live.hub.missed(("s-2", "s-1"), begin)
        assert [each.data for each in changes] == ["a", "b", "both", "c"]


async def test_changes_of_before_the_start_are_in_memory() -> None:
    async with running() as live:
        other = Live()
        other.hub.start()
        await other.put()
        begin = await other.hub.position()
        await other.hub.close()
        # The first batch of a follower has no records; those of before the start come after it.
        await live.reader.deliver(caught_up=False)
        await live.put(b"s-1:a", b"s-2:b")
        assert await live.missed("s-1", begin) == ["a"]


async def test_no_subscriber_is_served_before_the_records_of_before_the_start_are_known() -> None:
    async with running() as live:
        waiting = asyncio.create_task(live.hub.position())
        await live.reader.deliver(caught_up=False)
        assert not waiting.done()
        await live.put(b"s-1:a")
        await waiting


async def test_more_than_is_held_asks_for_a_reload_and_goes_on_from_now() -> None:
    async with running() as live:
        await live.put()
        begin = await live.hub.position()
        await live.put(*[b"s-2:x"] * (MOST + 1))
        with pytest.raises(TooMuchMissed) as missed:
            await live.hub.missed(("s-1",), begin)
        assert await live.missed("s-1", missed.value.now) == []
        watching = asyncio.create_task(first(live.hub.watch(("s-1",), begin), 2))
        await asyncio.sleep(0)
        await live.put(b"s-1:new")
        assert await watching == ["reload", "new"]


async def test_an_old_position_asks_for_a_reload() -> None:
    async with running() as live:
        await live.put()
        begin = await live.hub.position()
        await live.put(b"s-1:a")
        live.clock.moment = NOW + MOST_AGE + timedelta(seconds=1)
        assert await first(live.hub.watch(("s-1",), begin), 1) == ["reload"]


async def test_an_event_of_an_earlier_time_is_held_from_its_arrival_on() -> None:
    async with running() as live:
        await live.put()
        begin = await live.hub.position()
        live.clock.moment = NOW + 2 * MOST_AGE  # the records of the reader are of NOW
        await live.put(b"s-1:a")
        assert await live.missed("s-1", begin) == ["a"]


async def test_a_position_of_a_topic_that_was_created_anew_asks_for_nothing_twice() -> None:
    async with running() as live:
        await live.put(b"s-1:a")
        partitions = partitions_of([MATCHES])
        ahead = PositionSeal(KEY, live.clock, partitions).seal(dict.fromkeys(partitions, 1_000))
        assert await live.missed("s-1", ahead) == []


FORGED = st.one_of(
    st.text(),
    st.lists(st.integers(0, 2**70), max_size=30).map(lambda each: ".".join(map(str, each))),
    st.binary(max_size=400).map(lambda each: each.hex()),
    st.just("0." * (MATCHES.partitions - 1) + "0"),
    st.just("A" * 100_000),
)


@limits(max_examples=200, deadline=None)
@drawn(forged=FORGED)
async def test_a_forged_position_starts_from_now(forged: str) -> None:
    async with running() as live:
        await live.put(b"s-1:a", b"s-1:b")
        assert await live.missed("s-1", forged) == []
        since = await live.hub.resumed(forged)
        assert since != forged
        watching = asyncio.create_task(first(live.hub.watch(("s-1",), forged), 1))
        await asyncio.sleep(0)
        await live.put(b"s-1:c")
        assert await watching == ["c"]


async def test_a_position_under_another_key_or_of_other_topics_starts_from_now() -> None:
    async with running() as live:
        await live.put(b"s-1:a")
        for key, topics in ((b"o" * 32, [MATCHES]), (KEY, [MATCHES, PROFILES])):
            sealed = PositionSeal(key, live.clock, partitions_of(topics)).seal({})
            assert await live.missed("s-1", sealed) == []


async def test_an_erasure_removes_earlier_changes_of_its_key_from_memory() -> None:
    async with running() as live:
        await live.put()
        begin = await live.hub.position()
        live.reader.append(MATCHES, b"s-1:a", "m-1")
        live.reader.append(MATCHES, b"s-1:b", "m-2")
        live.reader.append(MATCHES, None, "m-1")
        await live.reader.deliver()
        assert await live.missed("s-1", begin) == ["b"]


async def test_a_subscriber_that_is_too_slow_ends_after_its_pending_changes() -> None:
    async with running() as live:
        await live.put()
        changes = live.hub.watch(("s-1",), await live.hub.position())
        pulled = asyncio.create_task(anext(changes))
        await asyncio.sleep(0)
        await live.put(*(f"s-1:{each}".encode() for each in range(hub_module.WAITING + 10)))
        assert (await pulled).data == "0"
        rest = [change.data async for change in changes]
        assert rest == [str(number) for number in range(1, hub_module.WAITING)]


async def test_a_silent_stream_ends_when_its_subscriber_may_no_longer_watch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hub_module, "QUIET_S", 0.01)
    async with running() as live:
        await live.put()
        async with asyncio.timeout(5):
            since = await live.hub.position()
            found = [each async for each in live.hub.watch(("s-1",), since, lambda: False)]
        assert found == []


async def test_subscribers_that_have_gone_are_forgotten() -> None:
    async with running() as live:
        await live.put()
        for _ in range(3):
            watching = live.hub.watch(("s-1",), "")
            pulled = asyncio.create_task(anext(watching))
            await asyncio.sleep(0)
            pulled.cancel()
            await asyncio.wait([pulled])
        assert not live.hub._subscribers
