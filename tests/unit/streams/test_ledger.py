"""The ledger: the first claim wins, and a record that lost the race has no effect."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from roost import ids
from roost.events.notification import Delivery, DeliveryStatus, Hold
from roost.events.preferences import ChannelKind
from streams.deliver import rows
from streams.deliver.claims import LEASE
from streams.deliver.due_queue import InHand
from tests.unit.streams.in_memory import NOON, Process, World, notification, run

S = DeliveryStatus
SMS = ChannelKind.SMS
MESSAGE = ids.derive("n", "message")


def test_of_two_who_record_the_same_revision_one_is_first() -> None:
    world = World()
    one, other = Process(world).ledger(), Process(world).ledger()
    row = rows.waiting(notification(), SMS, NOON, NOON)

    async def flow() -> list[int]:
        kept = await asyncio.gather(one.record([row]), other.record([row]))
        return sorted(map(len, kept))

    assert run(flow()) == [0, 1]


def test_a_planned_row_is_in_the_view_by_its_claim_or_else_by_its_plan() -> None:
    world = World()
    ledger = Process(world).ledger()
    taken, left = (rows.waiting(notification(), SMS, NOON, NOON) for _ in range(2))
    inbox = rows.inbox_entry(taken.notification, ChannelKind.INBOX, NOON)
    claimed = rows.claimed(taken, MESSAGE, NOON, LEASE)
    claims: list[asyncio.Task[list[Delivery]]] = []

    def take(at_once: Sequence[Delivery]) -> None:
        assert list(at_once) == [taken, left]
        claims.append(asyncio.create_task(ledger.claim([claimed])))

    async def flow() -> list[Delivery]:
        return await ledger.record_plan([taken, inbox, left], [taken, left], take)

    assert run(flow()) == [inbox]
    found = {row.id: row for row in world.rows()}
    assert found == {row.id: row for row in (claimed, inbox, left)}
    assert [claim.result() for claim in claims] == [[claimed]]


def test_what_was_said_in_vain_does_not_come_back_by_healing() -> None:
    """Otherwise a row in flight would wait again without its message id, and be sent twice."""
    world = World()
    ledger = Process(world).ledger()
    row = rows.waiting(notification(), SMS, NOON, NOON)
    claimed = rows.claimed(row, MESSAGE, NOON, LEASE)

    async def flow() -> None:
        await ledger.record([row])
        await ledger.claim([claimed])
        assert await ledger.record([rows.held(row, NOON, NOON, Hold.QUIET)]) == []
        await asyncio.sleep(LEASE.total_seconds() + 2)
        (cut,) = await ledger.interrupted(world.clock.now())
        assert (cut.status, cut.message_id) == (S.SENDING, MESSAGE)

    run(flow())


def test_what_the_view_missed_is_brought_up_before_anybody_sends_again() -> None:
    """Kill a process after the record and before the view."""
    world = World()
    process = Process(world)
    ledger, healer = process.ledger(), Process(world).ledger()
    row = rows.waiting(notification(), SMS, NOON, NOON)
    claimed = rows.claimed(row, MESSAGE, NOON, LEASE)

    async def flow() -> None:
        await ledger.record([row])
        await ledger.claim([claimed])
        process.steps_left = 1
        await asyncio.wait(
            {asyncio.create_task(ledger.record([rows.sent(claimed, NOON)]))}, timeout=1
        )
        assert world.rows() == [claimed]
        await asyncio.sleep(LEASE.total_seconds() + 2)
        assert await healer.interrupted(world.clock.now()) == []
        assert world.rows()[0].status is S.SENT

    run(flow())


def test_only_what_waits_and_is_due_is_found_and_only_of_its_channel() -> None:
    world = World()
    ledger = Process(world).ledger()
    due, late, email = (
        rows.waiting(notification(), channel, NOON, NOON + timedelta(seconds=wait))
        for channel, wait in ((SMS, 0), (SMS, 60), (ChannelKind.EMAIL, 0))
    )

    async def flow() -> None:
        await ledger.record([due, late, email])
        soon, receiver = NOON + timedelta(seconds=5), due.notification.recipient.id
        assert await ledger.due({SMS: InHand()}, soon) == [due]
        assert await ledger.due({SMS: InHand(ids=frozenset([due.id]))}, soon) == []
        assert await ledger.due({SMS: InHand(busy=frozenset([receiver]))}, soon) == []
        assert await ledger.unknown([due, rows.waiting(notification(), SMS, NOON, NOON)]) != [due]

    run(flow())
