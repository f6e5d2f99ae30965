from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from roost.errors import Transient
from roost.views.gathered_reads import MOST, GatheredReads, Key

Documents = dict[Key, dict[str, Any]]


class SlowView:
    """Documents by key; each request waits until the test lets it finish."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self.requests: list[list[Key]] = []
        self.broken: set[str] = set()
        self._may_finish = asyncio.Semaphore(0)

    def finish(self, requests: int = 1) -> None:
        for _ in range(requests):
            self._may_finish.release()

    async def read(self, keys: Sequence[Key]) -> Documents:
        self.requests.append(list(keys))
        await self._may_finish.acquire()
        if keys[0][0] in self.broken:
            raise Transient("away")
        return {key: self.documents[key] for key in keys if key in self.documents}


def openings(count: int) -> Documents:
    return {("openings", f"o-{number}"): {"id": number} for number in range(count)}


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_reads_that_arrive_while_one_is_in_flight_share_the_next_request() -> None:
    view = SlowView(openings(4))
    reads = GatheredReads(view.read)
    tasks = [asyncio.create_task(reads.get("openings", "o-0"))]
    await settled()
    tasks += [asyncio.create_task(reads.get("openings", f"o-{each}")) for each in (1, 2, 9)]
    await settled()
    view.finish(2)
    assert await asyncio.gather(*tasks) == [{"id": 0}, {"id": 1}, {"id": 2}, None]
    assert [len(each) for each in view.requests] == [1, 3]


async def test_two_readers_of_a_document_get_a_copy_each() -> None:
    view = SlowView({("openings", "o-0"): {"places": ["cn"]}})
    reads = GatheredReads(view.read)
    view.finish()
    first, second = await asyncio.gather(*(reads.get("openings", "o-0") for _ in range(2)))
    assert first is not None
    first["places"].append("cn:14")
    assert second == {"places": ["cn"]}
    assert view.requests == [[("openings", "o-0")]]


async def test_a_view_that_cannot_be_read_fails_its_own_readers_only() -> None:
    view = SlowView({("profiles", "w-0"): {"id": 0}})
    view.broken = {"openings"}
    reads = GatheredReads(view.read)
    view.finish(3)
    failed = asyncio.create_task(reads.get("openings", "o-0"))
    assert await reads.get("profiles", "w-0") == {"id": 0}
    with pytest.raises(Transient):
        await failed
    view.broken = set()
    assert await reads.get("openings", "o-0") is None, "the next read is sent again"


async def test_a_reader_that_is_cancelled_leaves_the_others_their_documents() -> None:
    view = SlowView(openings(2))
    reads = GatheredReads(view.read)
    gone = asyncio.create_task(reads.get("openings", "o-0"))
    stays = asyncio.create_task(reads.get("openings", "o-1"))
    await settled()
    gone.cancel()
    view.finish()
    assert await stays == {"id": 1}


async def test_a_request_carries_a_bounded_number_of_documents() -> None:
    view = SlowView(openings(2 * MOST))
    reads = GatheredReads(view.read)
    view.finish(2)
    found = await asyncio.gather(*(reads.get("openings", f"o-{n}") for n in range(2 * MOST)))
    assert len(found) == 2 * MOST
    assert max(len(each) for each in view.requests) == MOST
