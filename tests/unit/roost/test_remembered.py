"""The cache of a view never returns to an older version, however its reads overlap."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import pytest

from roost.views.elastic import Json
from roost.views.remembered import Remembered, Versioned

Key = tuple[str, str]
ID = "a"


class SlowView:
    """A view of one document; a read returns its state at the beginning, once released."""

    def __init__(self) -> None:
        self.document: Json = {"version": 1, "name": "one"}
        self.began = asyncio.Event()
        self.released = asyncio.Event()

    async def versions(self, keys: Sequence[Key]) -> dict[Key, int]:
        return dict.fromkeys(keys, self.document["version"])

    async def mget(self, keys: Sequence[Key], fields: Sequence[str]) -> dict[Key, Json]:
        found = {key: dict(self.document) for key in keys}
        if found and not self.began.is_set():
            self.began.set()
            await self.released.wait()
        return found


def cache_of(view: SlowView) -> Remembered[str]:
    return Remembered(cast(Any, view), "stations", ("name",), lambda document: document["name"])


@pytest.mark.parametrize("read", ["newest", "at_least"])
async def test_a_read_that_began_earlier_and_ends_later_replaces_no_newer_version(
    read: str,
) -> None:
    view = SlowView()
    cache = cache_of(view)
    earlier = asyncio.create_task(
        cache.newest([ID]) if read == "newest" else cache.at_least({ID: 1})
    )
    await view.began.wait()
    view.document = {"version": 2, "name": "two"}
    assert await cache.newest([ID]) == {ID: Versioned(2, "two")}
    view.released.set()
    assert await earlier == {ID: Versioned(2, "two")}
    view.document = {"version": 2, "name": "read again"}
    assert await cache.at_least({ID: 2}) == {ID: Versioned(2, "two")}


async def test_a_document_that_was_read_elsewhere_replaces_no_newer_version() -> None:
    cache = cache_of(SlowView())
    cache.keep(ID, {"version": 2, "name": "two"})
    assert cache.keep(ID, {"version": 1, "name": "one"}) == Versioned(2, "two")
    assert cache.brought({ID: {"version": 2, "name": "?"}}) == {ID: Versioned(2, "two")}


async def test_an_erasure_is_newer_than_the_document() -> None:
    cache = cache_of(SlowView())
    cache.keep(ID, {"version": 3, "erased": True})
    assert cache.keep(ID, {"version": 2, "name": "two"}).value is None
