"""Streams of several tabs over one connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sse_starlette import ServerSentEvent
from starlette.requests import Request

from api.access.principal import principal_of_key
from api.console.shell.rendering import spoken
from api.console.shell.shared_streams import SharedStream, shared_stream
from api.live.merging import BEAT, merged
from roost.errors import Conflict
from tests.unit.api.signed import Topics, headers_for


async def of(*names: str, then: Any = None) -> AsyncIterator[ServerSentEvent]:
    for name in names:
        yield ServerSentEvent(event=name, id=f"at-{name}", data=json.dumps({"name": name}))
    if then is not None:
        await then


async def parts(*streams: AsyncIterator[ServerSentEvent]) -> list[tuple[int, str]]:
    found = []
    async with asyncio.timeout(5):
        async for event in merged(streams, 1_000):
            if event.event == BEAT:
                continue
            assert event.event == "part"
            content = json.loads(str(event.data))
            assert json.loads(content["data"]) == {"name": content["event"]}
            assert content["id"] == f"at-{content['event']}"
            found.append((content["part"], content["event"]))
    return found


async def test_each_tab_receives_its_own_events_in_order() -> None:
    found = await parts(of("a", "b", then=asyncio.sleep(0.05)), of("c", then=asyncio.sleep(0.05)))
    assert [name for part, name in found if part == 0] == ["a", "b"]
    assert [name for part, name in found if part == 1] == ["c"]


async def test_all_end_as_soon_as_one_ends() -> None:
    never: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    found = await parts(of("a", then=never), of("b"))
    assert sorted(found) == [(0, "a"), (1, "b")]


async def test_the_streams_end_with_the_connection() -> None:
    ended = asyncio.Event()

    async def endless() -> AsyncIterator[ServerSentEvent]:
        try:
            yield ServerSentEvent(event="a", data="{}")
            await asyncio.Event().wait()
        finally:
            ended.set()

    stream = merged([endless()], 1_000)
    assert [(await anext(stream)).event for _ in range(2)] == [BEAT, "part"]
    await stream.aclose()  # type: ignore[attr-defined]
    await asyncio.wait_for(ended.wait(), 5)


async def test_a_stream_that_fails_ends_the_connection() -> None:
    async def fails() -> AsyncIterator[ServerSentEvent]:
        yield ServerSentEvent(event="a", data="{}")
        raise ValueError("broken")

    never: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    with pytest.raises(ValueError, match="broken"):
        await parts(of("b", then=never), fails())


async def test_a_connection_beats_first_and_in_each_silence_and_loses_no_event() -> None:
    waits: asyncio.Queue[str] = asyncio.Queue()

    async def rare() -> AsyncIterator[ServerSentEvent]:
        while True:
            yield ServerSentEvent(event=await waits.get(), data="{}")

    async with asyncio.timeout(5):
        stream = merged([rare()], 1_000, beat_s=0.01)
        assert [(await anext(stream)).event for _ in range(3)] == [BEAT, BEAT, BEAT]
        waits.put_nowait("late")
        while (event := await anext(stream)).event == BEAT:
            assert event.data == "10", "milliseconds"
        assert json.loads(str(event.data))["event"] == "late"
        await stream.aclose()  # type: ignore[attr-defined]


async def test_a_slow_connection_makes_its_streams_wait() -> None:
    given = 0

    async def many() -> AsyncIterator[ServerSentEvent]:
        nonlocal given
        while True:
            given += 1
            yield ServerSentEvent(event="a", data="{}")

    stream = merged([many()], 1_000)
    await anext(stream)
    for _ in range(1_000):
        await asyncio.sleep(0)
    assert given < 200
    await stream.aclose()  # type: ignore[attr-defined]


def test_a_tab_without_a_position_starts_from_now() -> None:
    assert SharedStream(["x"]).since_of(3) == ["x", "", ""]
    assert SharedStream(["x", "y"]).since_of(1) == ["x"]


async def test_the_tabs_of_another_account_are_refused() -> None:
    topics = Topics()
    headers_for(topics)
    (key,) = topics.identities.keys.values()
    who = principal_of_key(key)
    request = Request({"type": "http", "headers": [], "query_string": b""})
    assert await shared_stream(request, who, ["x"], who.id) == SharedStream(["x"])
    assert await shared_stream(request, who) == SharedStream([])
    with pytest.raises(Conflict, match="reload"):
        await shared_stream(request, who, ["x"], "u-another")


async def test_live_rows_are_written_in_the_language_of_the_open_page() -> None:
    topics = Topics()
    headers_for(topics)
    (key,) = topics.identities.keys.values()
    spoken_by_now = [(b"accept-language", b"en"), (b"cookie", b"roost_language=en")]
    request = Request({"type": "http", "headers": spoken_by_now, "query_string": b""})
    await shared_stream(request, principal_of_key(key), lang="zh")
    assert spoken(request) == "zh"
