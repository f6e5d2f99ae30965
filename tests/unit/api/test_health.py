"""Readiness and metrics under a flood: one computation for all, in dedicated threads."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from api.access.password_throttle import ThrottledPasswords
from api.app import create_app
from api.guards.open_paths import OPEN, OPEN_BELOW
from api.guards.rate_limits import by_address
from api.health.probes import HealthProbes
from api.ports.shared_result import SharedResult
from roost.settings import Settings
from tests.unit.api.signed import Topics, given_to, headers_for


class Elastic:
    """A server that is healthy, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    async def healthy(self) -> bool:
        self.asked += 1
        return True


class Broker:
    """A broker that answers once it is released, and records the threads that ask it."""

    def __init__(self) -> None:
        self.released = threading.Event()
        self.threads: list[str] = []

    def answers(self) -> bool:
        self.threads.append(threading.current_thread().name)
        return self.released.wait(10)


@pytest.fixture
def broker() -> Iterator[Broker]:
    made = Broker()
    yield made
    made.released.set()


@pytest.fixture
def elastic() -> Elastic:
    return Elastic()


@pytest.fixture
async def probes(broker: Broker, elastic: Elastic) -> AsyncIterator[HealthProbes]:
    made = HealthProbes(broker.answers, elastic)
    yield made
    broker.released.set()
    await made.close()


async def test_a_flood_of_probes_asks_the_servers_once(
    probes: HealthProbes, broker: Broker, elastic: Elastic
) -> None:
    asking = [asyncio.create_task(probes.servers()) for _ in range(1_500)]
    await asyncio.sleep(0)
    broker.released.set()
    answers = await asyncio.gather(*asking)
    assert all(each == {"kafka": True, "elasticsearch": True} for each in answers)
    assert (len(broker.threads), elastic.asked) == (1, 1)


async def test_a_hanging_broker_is_asked_once_and_is_not_ready(
    broker: Broker, elastic: Elastic
) -> None:
    probes = HealthProbes(broker.answers, elastic, within_s=0.1)
    for _ in range(20):
        assert await probes.servers() == {"kafka": False, "elasticsearch": False}
    assert len(broker.threads) == 1
    broker.released.set()
    for _ in range(100):
        if (await probes.servers())["kafka"]:
            break
        await asyncio.sleep(0.02)
    else:
        pytest.fail("the broker answers, and is not reported as ready")
    await probes.close()


async def test_probes_and_metrics_run_when_the_default_threads_are_all_busy(
    probes: HealthProbes, broker: Broker
) -> None:
    broker.released.set()
    busy = threading.Event()
    pool = ThreadPoolExecutor(1)
    asyncio.get_running_loop().set_default_executor(pool)
    blocked = asyncio.create_task(asyncio.to_thread(busy.wait, 10))
    passwords = ThrottledPasswords()
    try:
        async with asyncio.timeout(5):
            assert (await probes.servers())["kafka"]
            assert b"python_info" in await probes.metrics()
            hash = await passwords.hashed("correct horse battery")
            async with passwords.attempt("li", "203.0.113.7") as attempt:
                assert await attempt.verified(hash, "correct horse battery")
    finally:
        busy.set()
        await blocked


async def test_a_result_is_kept_for_a_while_and_then_computed_anew() -> None:
    at, computed = 0.0, 0

    async def compute() -> int:
        nonlocal computed
        computed += 1
        return computed

    shared = SharedResult(compute, fresh_s=1.0, now=lambda: at)
    assert [await shared.get(), await shared.get()] == [1, 1]
    at = 0.99
    assert await shared.get() == 1
    at = 1.0
    assert await shared.get() == 2


async def test_a_failed_computation_is_tried_again() -> None:
    at = 0.0

    async def compute() -> int:
        if at < 1:
            raise ValueError("not yet")
        return 5

    shared = SharedResult(compute, fresh_s=1.0, now=lambda: at)
    with pytest.raises(ValueError, match="not yet"):
        await shared.get()
    at = 1.0
    assert await shared.get() == 5


@pytest.mark.parametrize("path", sorted([*OPEN, *(f"{each}x" for each in OPEN_BELOW), "/docs"]))
def test_every_open_path_has_a_bucket_by_address(path: str) -> None:
    scope = {"type": "http", "path": path, "client": ("203.0.113.7", 5)}
    chosen = by_address(Settings())(scope)
    assert chosen is not None
    assert chosen[1] == "203.0.113.7"


async def test_readiness_and_metrics_answer_from_the_probes(
    probes: HealthProbes, broker: Broker
) -> None:
    app, topics = create_app(Settings()), Topics()
    given_to(app, topics, health=probes)
    broker.released.set()
    key = headers_for(topics)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as api:
        ready = await api.get("/health/ready")
        parts = {"kafka": True, "elasticsearch": True, "identities": True}
        assert (ready.status_code, ready.json()["parts"]) == (200, parts)
        assert b"python_info" in (await api.get("/metrics", headers=key)).content
        assert (await api.get("/metrics")).status_code == 401
