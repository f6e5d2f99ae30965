"""Channels that cost money: counted in the ledger, held at a cap, whatever is killed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roost.errors import Transient
from roost.events.notification import (
    Answer,
    Delivery,
    DeliveryStatus,
    Hold,
    Notification,
)
from roost.events.preferences import ChannelKind
from roost.message_cost_settings import AtCostCap, CostCap
from roost.topics import NOTICES, NOTIFICATIONS, PROFILES
from streams.deliver import rows
from streams.deliver.claims import LEASE
from streams.deliver.deliver_stage import DeliverStage
from streams.deliver.delivery_errors import DeliveryRefused, RetryLater
from streams.deliver.message_costs import CostRules, Spent
from tests.unit.streams.in_memory import (
    NOON,
    InMemoryElastic,
    InMemoryOutbox,
    PlainWords,
    Process,
    RecordingSink,
    World,
    foreign_records,
    notification,
    run,
)
from tests.unit.streams.test_deliver_stage import fact
from tests.unit.streams.test_lane import RULES

S = DeliveryStatus
SMS, EMAIL = ChannelKind.SMS, ChannelKind.EMAIL
PRICE = 45
SHANGHAI = ZoneInfo("Asia/Shanghai")


class InMemorySpending:
    """Costs of the rows in the views, as Elasticsearch sums them after a refresh."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def spent(self, rules: CostRules, now: datetime) -> Spent:
        found = Spent()
        for row in self._world.rows():
            for cap, begins in (
                (CostCap.DAY, rules.day_begins(now)),
                (CostCap.MONTH, rules.month_begins(now)),
            ):
                if row.charged_at is not None and row.charged_at >= begins:
                    found.county[cap] = found.county.get(cap, 0) + row.cost_milli_yuan
        return found


class Paid:
    """A process of the stage whose text messages cost money."""

    def __init__(
        self, world: World, caps: dict[CostCap, int], at_cap: AtCostCap = AtCostCap.WAIT
    ) -> None:
        self.world = world
        self.process = Process(world)
        self.sink = RecordingSink(self.process, True)
        costs = CostRules(SHANGHAI, {SMS: PRICE}, caps, at_cap)
        self.stage = DeliverStage(
            InMemoryElastic(self.process),
            self.process.ledger(),
            world.clock,
            dict.fromkeys(ChannelKind, self.sink),
            self.sink,
            PlainWords(),
            replace(RULES, costs=costs),
            {},
            InMemoryOutbox(),
            foreign_records(self.process),
            spending=InMemorySpending(world),
        )


def people(number: int) -> tuple[World, list[Notification]]:
    world, told = World(), []
    for each in range(number):
        worker = f"w-{'abcdefghij'[each] * 26}"
        one = notification(recipient=worker)
        channels = [{"kind": "sms", "address": "138"}, {"kind": "email", "address": "a@b.cn"}]
        world.put(PROFILES.name, worker, 1, {"channels": channels})
        world.put(NOTICES.name, str(one.notice_id), 1, {})
        told.append(one)
    return world, told


def sent_through(paid: Paid, told: list[Notification], seconds: float = 30) -> None:
    async def flow() -> None:
        async with paid.stage.running():
            await paid.stage.handle([fact(NOTIFICATIONS, each) for each in told])
            await asyncio.sleep(seconds)

    run(flow())


def text_messages(world: World) -> list[Delivery]:
    return [row for row in world.rows() if row.channel is SMS]


def test_each_sent_message_has_its_cost_in_the_ledger() -> None:
    world, told = people(3)
    sent_through(Paid(world, {}), told)
    found = text_messages(world)
    assert [row.cost_milli_yuan for row in found] == [PRICE] * 3
    assert {row.status for row in found} == {S.SENT}
    assert all(row.charged_at is not None and row.segments == 1 for row in found)


def test_at_the_cap_messages_wait_for_the_next_day_and_are_sent_then() -> None:
    world, told = people(5)
    paid = Paid(world, {CostCap.DAY: 2 * PRICE})
    sent_through(paid, told)
    found = text_messages(world)
    held = [row for row in found if row.held_by is Hold.BUDGET]
    assert [row.status for row in held] == [S.WAITING] * 3
    assert {row.due_at for row in held} == {NOON.replace(hour=16)}  # midnight in Shanghai
    assert all("day cost cap" in row.detail and row.cost_milli_yuan == 0 for row in held)
    assert all(row.attempts == 0 for row in held)
    # A day later two more are sent: none is lost, and the cap of that day holds as well.
    world.clock.moment += timedelta(days=1)
    again = Paid(world, {CostCap.DAY: 2 * PRICE})
    sent_through(again, [])
    assert sum(row.status is S.SENT for row in text_messages(world)) == 4


def test_urgent_messages_are_counted_and_not_held() -> None:
    world, told = people(3)
    urgent = [each.model_copy(update={"urgent": True}) for each in told]
    sent_through(Paid(world, {CostCap.DAY: 0}), urgent)
    assert [row.cost_milli_yuan for row in text_messages(world)] == [PRICE] * 3


def test_a_cheaper_channel_takes_over_if_the_county_says_so() -> None:
    world, told = people(2)
    sent_through(Paid(world, {CostCap.MONTH: PRICE}, AtCostCap.CHEAPER), told)
    statuses = sorted(row.status for row in text_messages(world))
    assert statuses == [S.SENT, S.SUPPRESSED]
    (instead,) = [row for row in world.rows() if row.channel is EMAIL and row.status is S.SENT]
    assert instead.cost_milli_yuan == 0


ANSWERED = Answer(at=NOON, status=200, error="isv.BUSINESS_LIMIT_CONTROL")


@pytest.mark.parametrize(
    ("failure", "cost"),
    [
        (DeliveryRefused("no", answer=ANSWERED), 0),
        (RetryLater("later", 3_600.0, ANSWERED), 0),
        (Transient("no answer"), PRICE),
    ],
)
def test_only_an_attempt_that_may_have_been_accepted_costs(failure: Exception, cost: int) -> None:
    world, told = people(1)
    paid = Paid(world, {})
    paid.sink.answers = [failure]

    async def flow() -> None:
        async with paid.stage.running():
            await paid.stage.handle([fact(NOTIFICATIONS, told[0])])
            await asyncio.sleep(3)

    run(flow())
    assert text_messages(world)[0].cost_milli_yuan == cost


def test_a_killed_attempt_keeps_its_cost_and_its_repeat_adds_another() -> None:
    world, told = people(1)
    paid = Paid(world, {CostCap.DAY: 10 * PRICE})

    async def flow() -> None:
        ledger = paid.process.ledger()
        planned = await ledger.record([rows.waiting(told[0], SMS, NOON, NOON)])
        claimed = [rows.claimed(planned[0], told[0].id, NOON, LEASE)]
        assert await ledger.claim(claimed) == claimed
        charged = [rows.charged(claimed[0], PRICE, 1, None, NOON)]
        assert await ledger.claim(charged) == charged  # and then the process is killed
        async with paid.stage.running():
            await asyncio.sleep(LEASE.total_seconds() + 10)

    run(flow())
    (row,) = text_messages(world)
    assert (row.status, row.cost_milli_yuan) == (S.SENT, 2 * PRICE)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 6), st.integers(1, 8), st.lists(st.integers(1, 60), max_size=3))
def test_two_processes_and_kills_never_exceed_the_cap(
    affordable: int, number: int, kills: list[int]
) -> None:
    world, told = people(number)
    cap = affordable * PRICE

    sinks: list[RecordingSink] = []

    async def flow() -> None:
        for steps in (*kills, None):
            both = [Paid(world, {CostCap.DAY: cap}) for _ in range(2)]
            both[0].process.steps_left = steps
            sinks.extend(each.sink for each in both)
            tasks = [asyncio.ensure_future(_handled(each, told)) for each in both]
            await asyncio.sleep(LEASE.total_seconds() + 20)
            for each in tasks:
                each.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    run(flow())
    # A kill between reservation and check leaves a cost that was not spent, never the reverse.
    attempts = sum(len(each.attempts) for each in sinks)
    assert attempts * PRICE <= cap
    assert attempts * PRICE <= sum(row.cost_milli_yuan for row in world.rows())
    waiting = [row for row in text_messages(world) if row.status is S.WAITING]
    assert len(text_messages(world)) == number
    assert all(row.held_by is not None or row.detail for row in waiting)


async def _handled(paid: Paid, told: list[Notification]) -> None:
    async with paid.stage.running():
        await paid.stage.handle([fact(NOTIFICATIONS, each) for each in told])
        await asyncio.sleep(1_000)
