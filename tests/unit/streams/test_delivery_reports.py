"""Providers' delivery reports: what they change in the ledger, once, and what they settle."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from producers.message_facts import delivery_reported
from roost.events.notification import Delivery, DeliveryStatus, Hold, Notification
from roost.events.preferences import ChannelKind
from roost.events.receipt import ReceiptKind
from roost.topics import NOTICES, NOTIFICATIONS, PROFILES, RECEIPTS
from streams.deliver import rows
from streams.deliver.claims import LEASE
from streams.deliver.delivery_rules import DeliveryRules
from streams.deliver.receipts import noted_receipt
from tests.unit.streams.in_memory import NOON, WORKER, World, notification, run
from tests.unit.streams.test_deliver_stage import Stand, fact
from tests.unit.streams.test_lane import RULES

S = DeliveryStatus
SMS, EMAIL = ChannelKind.SMS, ChannelKind.EMAIL
LATER = NOON + timedelta(minutes=3)


def world(one: Notification) -> World:
    made = World()
    channels = [
        {"kind": "sms", "address": "+8613800138000"},
        {"kind": "email", "address": "li@example.com"},
    ]
    made.put(PROFILES.name, WORKER, 1, {"channels": channels})
    made.put(NOTICES.name, str(one.notice_id), 1, {})
    return made


def reported(row: Delivery, kind: ReceiptKind, code: str = "DELIVERED") -> object:
    return fact(RECEIPTS, delivery_reported(row, kind, code, at=LATER)[0])


def after(kind: ReceiptKind, *, times: int = 1, code: str = "DELIVERED") -> tuple[World, Stand]:
    """Send a message, then report on it this many times."""
    one = notification()
    around = world(one)
    stand = Stand(around)

    async def flow() -> None:
        async with stand.stage.running():
            await stand.stage.handle([fact(NOTIFICATIONS, one)])
            await asyncio.sleep(2)
            row = around.row(one, SMS)
            for _ in range(times):
                await stand.stage.handle([reported(row, kind, code)])
            await asyncio.sleep(5)

    run(flow())
    return around, stand


def test_a_delivery_report_is_recorded_once() -> None:
    once, stand = after(ReceiptKind.DELIVERED)
    again, _ = after(ReceiptKind.DELIVERED, times=3)
    (row,) = [each for each in once.rows() if each.channel is SMS]
    assert (row.status, row.delivered_at) == (S.SENT, LATER)
    assert [each.revision for each in once.rows()] == [each.revision for each in again.rows()]
    assert len(stand.sink.attempts) == 1


def test_a_message_that_could_not_be_delivered_goes_on_by_the_next_channel() -> None:
    for times in (1, 3):
        around, stand = after(ReceiptKind.UNDELIVERED, times=times, code="MK:0001")
        by_channel = {row.channel: row for row in around.rows()}
        assert by_channel[SMS].status is S.FAILED
        assert "MK:0001" in by_channel[SMS].detail
        assert by_channel[EMAIL].status is S.SENT
        assert len(stand.sink.attempts) == 2
        assert around.dead_letters() == 1


def test_a_channel_that_waits_for_an_unread_message_takes_over_at_once() -> None:
    one = notification()
    around = world(one)
    stand = Stand(around)

    async def flow() -> None:
        row = rows.sent(claimed_of(one), NOON)
        spare = rows.waiting(one, EMAIL, NOON, NOON + timedelta(days=1), Hold.UNREAD)
        await stand.ledger.record([row, spare])
        async with stand.stage.running():
            for _ in range(2):
                await stand.stage.handle([reported(row, ReceiptKind.UNDELIVERED, "MK:0001")])
            await asyncio.sleep(5)

    run(flow())
    assert around.row(one, SMS).status is S.FAILED
    assert around.row(one, EMAIL).status is S.SENT
    assert len(stand.sink.attempts) == 1


@pytest.mark.parametrize("first", [ReceiptKind.DELIVERED, ReceiptKind.UNDELIVERED])
def test_of_two_contrary_reports_the_first_counts(first: ReceiptKind) -> None:
    row = rows.sent(claimed(), NOON)
    other = ({ReceiptKind.DELIVERED, ReceiptKind.UNDELIVERED} - {first}).pop()
    changed = noted_receipt(row, delivery_reported(row, first, "x", at=LATER)[0])
    assert changed is not None
    later = noted_receipt(changed, delivery_reported(row, other, "x", at=LATER)[0])
    assert later is None or later.status is changed.status


def claimed() -> Delivery:
    return claimed_of(notification())


def claimed_of(one: Notification) -> Delivery:
    planned = rows.waiting(one, SMS, NOON, NOON)
    return rows.claimed(planned, planned.notification.id, NOON, LEASE)


@pytest.mark.parametrize("state", [S.WAITING, S.PARKED])
def test_a_report_settles_an_attempt_whose_outcome_was_unknown(state: DeliveryStatus) -> None:
    row = claimed()
    cut = (
        rows.interrupted(row, NOON)
        if state is S.WAITING
        else rows.ended(row, S.PARKED, NOON, "killed")
    )
    changed = noted_receipt(cut, delivery_reported(cut, ReceiptKind.DELIVERED, "x", at=LATER)[0])
    assert changed is not None
    assert (changed.status, changed.delivered_at) == (S.SENT, LATER)


def test_a_row_that_was_never_tried_is_not_settled_by_a_report() -> None:
    row = rows.waiting(notification(), SMS, NOON, NOON)
    assert (
        noted_receipt(row, delivery_reported(row, ReceiptKind.DELIVERED, "x", at=LATER)[0]) is None
    )


@pytest.mark.parametrize("parks", [frozenset(), frozenset({SMS})])
def test_a_report_before_the_record_of_a_killed_sender_prevents_the_repeat(
    parks: frozenset[ChannelKind],
) -> None:
    one = notification()
    around = world(one)
    rules = DeliveryRules(RULES.county, RULES.attempts, RULES.unread_after, parks)
    stand = Stand(around, rules, knows_ids=False)

    async def flow() -> None:
        planned = await stand.ledger.record([rows.waiting(one, SMS, NOON, NOON)])
        taken = [rows.claimed(planned[0], one.id, NOON, LEASE)]  # sent, and then killed
        assert await stand.ledger.claim(taken) == taken
        async with stand.stage.running():
            await stand.stage.handle([reported(taken[0], ReceiptKind.DELIVERED)])
            await asyncio.sleep(LEASE.total_seconds() + 10)

    run(flow())
    row = around.row(one, SMS)
    assert (row.status, row.delivered_at) == (S.SENT, LATER)
    assert not stand.sink.attempts
