"""Caps on open live streams, for each caller and for the process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from sse_starlette import ServerSentEvent

from api.access.principal import Principal
from api.changes.service import read_changes
from api.guards import problem_responses
from api.live.feed_positions import PARTITIONS
from api.live.open_streams import OpenStreams, TooManyStreams
from api.live.streaming import LiveResponse
from roost.events.account import AccountRole
from roost.kafka.ports import Partition
from roost.time.clock import FixedClock
from tests.unit.api.builders import NOW
from tests.unit.api.services import EmptyViews, services_with
from tests.unit.api.signed import KEY


class Site:
    """An application with one live path, whose streams wait until they are ended."""

    def __init__(self, most_per_principal: int = 2, most: int = 3) -> None:
        self.streams = OpenStreams(most_per_principal, most)
        self.app = FastAPI()
        problem_responses.install(self.app)
        self.app.add_api_route("/live/{who}", self._live, methods=["GET", "HEAD"])

    async def _live(self, who: str, request: Request) -> LiveResponse:
        return LiveResponse(_forever(), self.streams, who)

    async def opened(self, who: str) -> asyncio.Task[None]:
        """Open a stream that stays open; return once its first event has been sent."""
        arrived = asyncio.Event()

        async def receive() -> Any:
            await asyncio.Event().wait()

        async def send(message: Any) -> None:
            if message["type"] == "http.response.body":
                arrived.set()

        scope = {
            "type": "http",
            "method": "GET",
            "path": f"/live/{who}",
            "query_string": b"",
            "headers": [],
        }
        task = asyncio.create_task(self.app(scope, receive, send))
        await asyncio.wait_for(arrived.wait(), 5)
        return task

    async def get(self, who: str, language: str = "en", method: str = "GET") -> httpx.Response:
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            headers = {"accept-language": language}
            return await client.request(method, f"/live/{who}", headers=headers)


async def _forever() -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent(event="ready", data="")
    await asyncio.Event().wait()


async def ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


@pytest.mark.parametrize(
    ("language", "words"), [("en", "close one and try again"), ("zh", "请关闭一个")]
)
async def test_one_stream_too_many_is_refused_with_a_remedy(language: str, words: str) -> None:
    site = Site()
    tasks = [await site.opened("k-1") for _ in range(2)]
    refused = await site.get("k-1", language)
    assert refused.status_code == 429
    assert refused.json()["type"] == "/problems/too-many-streams"
    assert words in refused.json()["detail"]
    assert int(refused.headers["retry-after"]) > 0
    for each in tasks:
        await ended(each)


async def test_another_caller_is_not_concerned_until_the_process_is_full() -> None:
    site = Site()
    tasks = [await site.opened("k-1"), await site.opened("k-1"), await site.opened("k-2")]
    refused = await site.get("k-2", "zh")
    assert refused.status_code == 429
    assert "上限 3 个" in refused.json()["detail"]
    await ended(tasks[0])
    tasks.append(await site.opened("k-3"))
    for each in tasks:
        await ended(each)
    assert len(site.streams) == 0


async def test_a_stream_that_ends_in_any_way_gives_its_place_back() -> None:
    site = Site(most_per_principal=1)
    for _ in range(5):
        await ended(await site.opened("k-1"))
        assert (await site.get("k-1", method="HEAD")).status_code == 200
        with pytest.raises(ValueError, match="broken"), site.streams.one("k-1"):
            raise ValueError("broken")
    assert len(site.streams) == 0


def test_callers_without_a_stream_are_not_remembered() -> None:
    streams = OpenStreams(1, 10)
    for number in range(100):
        who = f"k-{number}"
        with streams.one(who), pytest.raises(TooManyStreams), streams.one(who):
            pytest.fail("a second stream was opened")
    assert not streams._open


def test_every_stream_of_events_is_counted() -> None:
    """`LiveResponse` is the one place that sends server-sent events."""
    api = Path(problem_responses.__file__).parents[1]
    found = {
        path.relative_to(api).as_posix()
        for path in api.rglob("*.py")
        if "EventSourceResponse" in path.read_text("utf-8")
    }
    assert found == {"live/streaming.py"}


async def test_a_request_that_waits_for_changes_counts_as_an_open_stream() -> None:
    streams = OpenStreams(1, 10)
    given = services_with(
        streams=streams, feed=EmptyFeed(), elastic=EmptyViews(), key=KEY, clock=FixedClock(NOW)
    )
    who = Principal(id="k-1", role=AccountRole.ADMIN, name="ops")
    with streams.one("k-1"):
        with pytest.raises(TooManyStreams):
            await read_changes(given, who, None, None, 10, wait_s=5)
        assert (await read_changes(given, who, None, None, 10, wait_s=0)).items == []
    assert (await read_changes(given, who, None, None, 10, wait_s=0.01)).items == []
    assert len(streams) == 0


class EmptyFeed:
    """A change feed without changes."""

    async def now(self) -> dict[Partition, int]:
        return dict.fromkeys(PARTITIONS, 0)

    async def page(self, positions: Any, places: Any, most: int) -> tuple[list[Any], Any]:
        return [], positions

    async def come(self, within_s: float) -> bool:
        return False
