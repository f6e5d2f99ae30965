"""Names whose servers never answer hold up neither other names nor anything else."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpcore
import pytest

from roost.webhooks.guarded import GuardedBackend
from roost.webhooks.name_lookups import NameLookups

NEVER_S = 0.01


class NameServer:
    """Answers names, except those that begin with `silent` until it is stopped."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self.asked: Counter[str] = Counter()

    def __call__(self, host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        self.asked[host] += 1
        if host.startswith("silent"):
            self.stopped.wait()
            raise socket.gaierror(socket.EAI_AGAIN, "no answer")
        return [(2, 1, 6, "", ("1.1.1.1", port)), (2, 1, 6, "", ("1.1.1.1", port))]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[NameServer]:
    server = NameServer()
    monkeypatch.setattr(socket, "getaddrinfo", server)
    yield server
    server.stopped.set()


async def test_lookups_take_no_thread_of_anything_else(names: NameServer) -> None:
    busy = ThreadPoolExecutor(1)
    asyncio.get_running_loop().set_default_executor(busy)
    busy.submit(names.stopped.wait)
    try:
        assert await NameLookups().addresses("example.com", 443, 10) == ["1.1.1.1"]
    finally:
        names.stopped.set()


async def test_a_silent_name_holds_one_thread_however_often_it_is_asked(names: NameServer) -> None:
    lookups = NameLookups(most=3)
    for _ in range(20):
        with pytest.raises(TimeoutError):
            await lookups.addresses("silent.example", 443, NEVER_S)
    assert (names.asked, len(lookups)) == ({"silent.example": 1}, 1)
    assert await lookups.addresses("example.com", 443, 30) == ["1.1.1.1"]


async def test_silent_names_are_bounded_and_forgotten_once_answered(names: NameServer) -> None:
    lookups = NameLookups(most=2)
    for number in range(2):
        with pytest.raises(TimeoutError):
            await lookups.addresses(f"silent{number}.example", 443, NEVER_S)
    with pytest.raises(OSError, match="Too many names"):
        await lookups.addresses("example.com", 443, 30)
    ends = [lookups.addresses(f"silent{number}.example", 443, 30) for number in range(2)]
    names.stopped.set()
    ended = await asyncio.gather(*ends, return_exceptions=True)
    assert all(isinstance(each, OSError) for each in ended)
    assert await lookups.addresses("example.com", 443, 30) == ["1.1.1.1"]


async def test_the_wait_for_a_name_is_part_of_the_wait_for_a_connection(names: NameServer) -> None:
    with pytest.raises(httpcore.ConnectTimeout):
        await GuardedBackend(lambda address: True).connect_tcp("silent.example", 443, NEVER_S)
