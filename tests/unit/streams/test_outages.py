"""Outages: when a webhook is disabled, and that it gets nothing until it is enabled again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from roost import ids
from roost.events.envelope import decode, value_of
from roost.events.notification import Answer, Delivery, DeliveryStatus, Notification
from roost.events.preferences import ChannelKind
from roost.events.receipt import Receipt, ReceiptKind
from roost.events.webhook import Outage, OutageCause
from roost.time.leases import Lease
from roost.topics import NOTICES, NOTIFICATIONS, OUTAGES, RECEIPTS, WEBHOOKS
from roost.wording import Message
from streams.deliver.delivery_errors import DeliveryRefused, ReceiverGone, RetryLater
from streams.deliver.outages import FAILS_FOR, LOOK_AGAIN, Outages
from tests.unit.streams.in_memory import (
    InMemoryElastic,
    InMemorySender,
    Process,
    World,
    notification,
    run,
)
from tests.unit.streams.test_deliver_stage import RULES, Stand, fact

HOOK = ids.derive("h", "employer")
WEBHOOK = ChannelKind.WEBHOOK
S = DeliveryStatus


class Receiver:
    """A webhook that answers with a status, or not at all."""

    knows_ids = True

    def __init__(self) -> None:
        self.status: int | None = 503
        self.calls: list[str] = []

    async def send(
        self, message: Message, recipient: str, address: str, at: datetime, lease: Lease
    ) -> Answer:
        self.calls.append(message.id)
        answer = Answer(at=at, status=self.status, elapsed_ms=7)
        match self.status:
            case 200:
                return answer
            case 410:
                raise ReceiverGone("gone", "", answer)
            case 0:
                raise DeliveryRefused("not public")
        raise RetryLater("away", answer=answer)


class Around:
    """The stage with one webhook, and its outages written to the view as the index stage does."""

    def __init__(self, attempts: int = 3) -> None:
        self.world = World()
        self.world.put(WEBHOOKS.name, HOOK, 1, self.webhook())
        self.stand = Stand(self.world, replace(RULES, attempts=attempts))
        self.receiver = Receiver()
        self.stand.stage._endpoints = self.receiver
        process = Process(self.world)
        self.stand.stage._outages = Outages(
            InMemoryElastic(process), InMemorySender(process), self.world.clock
        )

    def webhook(self, **changes: Any) -> dict[str, Any]:
        return {"id": HOOK, "url": "https://hr.example.com/", "enabled": True, **changes}

    def outages(self) -> list[Outage]:
        return [decode(Outage, value_of(each)) for each in self.world.said if each.topic is OUTAGES]

    async def skip(self, time: timedelta) -> None:
        """Let time pass without the polls in between."""
        self.world.clock.moment += time
        await asyncio.sleep(3)

    def tell(self) -> Notification:
        one = notification(recipient=HOOK)
        self.world.put(NOTICES.name, str(one.notice_id), 1, {})
        return one

    async def handle(self, *events: Any) -> None:
        topics = {Notification: NOTIFICATIONS, Receipt: RECEIPTS}
        await self.stand.stage.handle([fact(topics[type(each)], each) for each in events])

    def index(self) -> None:
        for version, each in enumerate(self.outages(), 1):
            self.world.put(OUTAGES.name, HOOK, version, each.to_dict())


def test_a_webhook_that_fails_for_three_days_is_disabled_and_not_before() -> None:
    around = Around(attempts=10)

    async def flow() -> None:
        async with around.stand.stage.running():
            one = around.tell()
            await around.handle(one)
            while True:
                await asyncio.sleep(3)
                row = around.world.row(one, WEBHOOK)
                if row.status.final:
                    break
                assert around.outages() == []
                await around.skip(row.due_at - around.world.clock.now())
        assert len(row.answers) == 10

    run(flow())
    (outage,) = around.outages()
    assert (outage.webhook_id, outage.enabling, outage.cause) == (HOOK, 1, OutageCause.FAILING)
    assert outage.at - outage.since >= FAILS_FOR


@pytest.mark.parametrize("succeeds", [True, False])
def test_a_success_in_between_begins_the_count_again(succeeds: bool) -> None:
    around = Around()

    async def flow() -> None:
        async with around.stand.stage.running():
            for hours in range(0, 96, 12):
                around.receiver.status = 200 if succeeds and hours == 48 else 503
                await around.handle(around.tell())
                await asyncio.sleep(3)
                await around.skip(timedelta(hours=12))

    run(flow())
    assert bool(around.outages()) != succeeds


def test_410_disables_at_once_and_nothing_more_is_sent_until_it_is_enabled_again() -> None:
    around = Around()
    around.receiver.status = 410

    async def flow() -> None:
        async with around.stand.stage.running():
            first, second, third = around.tell(), around.tell(), around.tell()
            await around.handle(first)
            await asyncio.sleep(5)
            assert [each.cause for each in around.outages()] == [OutageCause.GONE]
            around.index()
            around.receiver.status = 200
            await around.handle(second)
            await asyncio.sleep(5)
            row = around.world.row(second, WEBHOOK)
            assert (row.status, row.detail) == (S.SUPPRESSED, "the webhook is switched off")
            around.world.put(WEBHOOKS.name, HOOK, 2, around.webhook(enabling=2))
            await around.handle(third)
            await asyncio.sleep(5)
            assert around.world.row(third, WEBHOOK).status is S.SENT

    run(flow())
    assert len(around.receiver.calls) == 2


def test_every_answer_is_kept_with_its_row() -> None:
    around = Around()

    async def flow() -> None:
        one = around.tell()
        async with around.stand.stage.running():
            await around.handle(one)
            await asyncio.sleep(3)
            around.receiver.status = 200
            await around.skip(timedelta(seconds=6))
        row = around.world.row(one, WEBHOOK)
        assert [each.status for each in row.answers] == [503, 200]
        assert row.answers[0].at < row.answers[1].at

    run(flow())


@pytest.mark.parametrize("first", [200, 410])
def test_a_message_is_sent_again_under_its_id_when_its_owner_asks_and_once(first: int) -> None:
    around = Around()
    around.receiver.status = first

    async def flow() -> None:
        one = around.tell()
        async with around.stand.stage.running():
            await around.handle(one)
            await asyncio.sleep(5)
            around.receiver.status = 200
            wish = Receipt(
                id=ids.derive("r", "1"),
                notification_id=one.id,
                recipient=one.recipient,
                kind=ReceiptKind.RESEND,
                channel=WEBHOOK,
                at=around.world.clock.now(),
            )
            await around.handle(wish)
            await asyncio.sleep(5)
            await around.handle(wish)
            await asyncio.sleep(5)
        row = around.world.row(one, WEBHOOK)
        assert (row.status, row.attempts) == (S.SENT, 1)
        assert around.receiver.calls == [one.id] * 2

    run(flow())


def test_another_recipient_cannot_have_it_sent_again() -> None:
    around = Around()
    around.receiver.status = 200

    async def flow() -> None:
        one = around.tell()
        async with around.stand.stage.running():
            await around.handle(one)
            await asyncio.sleep(5)
            wish = Receipt(
                id=ids.derive("r", "1"),
                notification_id=one.id,
                recipient=one.recipient.model_copy(update={"id": ids.derive("h", "other")}),
                kind=ReceiptKind.RESEND,
                channel=WEBHOOK,
                at=around.world.clock.now(),
            )
            await around.handle(wish)
            await asyncio.sleep(5)

    run(flow())
    assert len(around.receiver.calls) == 1


def failed_row(hook: str, at: datetime) -> Delivery:
    told = notification(recipient=hook)
    return Delivery(
        id=ids.delivery_id(told.id, WEBHOOK.value),
        notification=told,
        channel=WEBHOOK,
        status=S.FAILED,
        due_at=at,
        at=at,
    )


def test_only_webhooks_that_failed_lately_are_remembered() -> None:
    world = World()
    process = Process(world)
    outages = Outages(InMemoryElastic(process), InMemorySender(process), world.clock)
    for number in range(20):
        hook = ids.derive("h", str(number))
        run(outages.observe([failed_row(hook, world.clock.now())]))
        world.clock.moment += LOOK_AGAIN / 2
    assert len(outages._looked) == 2
