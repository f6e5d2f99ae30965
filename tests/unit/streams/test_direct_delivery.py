"""Faust's consumer hands a record to its stream without a task, unless the delivery has to wait."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from streams.kernel.direct_delivery import DirectDelivery


class Consumer(DirectDelivery):
    """A consumer whose flow can be suspended, as in a rebalance."""

    def __init__(self) -> None:
        super().__init__()
        self.suspended = asyncio.Event()


@pytest.fixture
def consumer() -> Consumer:
    return Consumer()


async def tasks_during(delivery: Any, consumer: Consumer) -> tuple[Any, int]:
    """Return the outcome of a delivery, and the number of tasks during it."""
    seen = 0

    async def counted() -> Any:
        nonlocal seen
        seen = len(asyncio.all_tasks())
        return await delivery

    return await consumer.wait_first(counted(), consumer.suspended.wait()), seen


async def test_a_delivery_that_need_not_wait_runs_at_once(consumer: Consumer) -> None:
    async def delivery() -> str:
        return "delivered"

    outcome, tasks = await tasks_during(delivery(), consumer)
    assert outcome.results == ["delivered"]
    assert not outcome.stopped
    assert tasks == 1


async def test_a_delivery_that_waits_goes_on_where_it_waited(consumer: Consumer) -> None:
    steps, room = [], asyncio.Event()

    async def delivery() -> str:
        steps.append("begun")
        await room.wait()
        steps.append("room")
        await asyncio.sleep(0)
        return "delivered"

    waiting = asyncio.create_task(consumer.wait_first(delivery(), consumer.suspended.wait()))
    await asyncio.sleep(0.01)
    assert steps == ["begun"]
    assert not waiting.done()
    room.set()
    outcome = await waiting
    assert outcome.results == ["delivered"]
    assert steps == ["begun", "room"]


async def test_a_rebalance_gives_up_a_delivery_that_waits(consumer: Consumer) -> None:
    ended = asyncio.Event()

    async def delivery() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    waiting = asyncio.create_task(consumer.wait_first(delivery(), consumer.suspended.wait()))
    await asyncio.sleep(0.01)
    consumer.suspended.set()
    outcome = await waiting
    assert outcome.results == [True]
    await asyncio.wait_for(ended.wait(), 1)


@pytest.mark.parametrize("waits", [False, True])
async def test_an_error_of_a_delivery_escapes(consumer: Consumer, *, waits: bool) -> None:
    async def delivery() -> None:
        if waits:
            await asyncio.sleep(0)
        raise ValueError("refused")

    with pytest.raises(ValueError, match="refused"):
        await consumer.wait_first(delivery(), consumer.suspended.wait())


async def test_a_stop_ends_a_delivery_that_waits(consumer: Consumer) -> None:
    async def delivery() -> None:
        await asyncio.Event().wait()

    waiting = asyncio.create_task(consumer.wait_first(delivery(), consumer.suspended.wait()))
    await asyncio.sleep(0.01)
    consumer._stopped.set()
    assert (await waiting).stopped


async def test_other_waits_are_fausts_own(consumer: Consumer) -> None:
    event = asyncio.Event()
    event.set()
    assert (await consumer.wait_first(event)).done == [event]
