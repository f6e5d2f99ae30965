"""Messages to employers on their own channels: who gets one, of what, and when none is sent."""

from __future__ import annotations

import asyncio
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from producers import facts as api_facts
from roost import ids
from roost.events.envelope import decode, value_of
from roost.events.notification import (
    Answer,
    Delivery,
    DeliveryStatus,
    Notification,
    NotificationKind,
    Recipient,
    RecipientKind,
)
from roost.events.preferences import ChannelKind, DeliveryPreferences, QuietHours
from roost.events.webhook import Outage, OutageCause
from roost.topics import EMPLOYERS, NOTIFICATIONS, OUTAGES, STOPS, WEBHOOKS
from roost.wording import Message
from streams.deliver.channels import DeliveryRefused
from streams.deliver.message_texts import MessageWriter
from streams.deliver.timing import CountyDefaults, Pause, pause
from streams.notify import rules
from tests.unit.streams.in_memory import NOON, World, run
from tests.unit.streams.test_deliver_stage import Stand, fact

S, K = DeliveryStatus, NotificationKind
OWNER = "site-1"
RECORD = ids.employer_key(OWNER)
HOOK = ids.derive("h", "hook")
MAIL, SMS = ChannelKind.EMAIL, ChannelKind.SMS
KEY = b"k" * 32
SHANGHAI = ZoneInfo("Asia/Shanghai")
OUTAGE = Outage(
    webhook_id=HOOK,
    enabling=1,
    cause=OutageCause.FAILING,
    since=NOON - timedelta(days=3),
    at=NOON,
    last_answer=Answer(at=NOON, status=503),
)


class Sent:
    """A channel that keeps what it sends, and fails if told to."""

    knows_ids = True

    def __init__(self) -> None:
        self.sent: list[tuple[str, Message]] = []

    async def send(self, message: Message, recipient: str, address: str, at: datetime) -> None:
        self.sent.append((address, message))


class Around:
    """The deliver stage with one employer, its webhook and its contact."""

    def __init__(self, **contact: Any) -> None:
        self.world = World()
        self.sink = Sent()
        self.stand = Stand(self.world)
        self.stand.stage._sinks = dict.fromkeys(ChannelKind, self.sink)
        self.stand.stage._writer = MessageWriter("https://jobs.example/", KEY, None, SHANGHAI)
        self.contact(1, **contact)
        self.webhook(1)

    def contact(self, version: int, **changes: Any) -> None:
        channels = [{"kind": "email", "address": "hr@example.com"}]
        said = {"channels": channels, "preferences": {}, "language": "en"} | changes
        self.world.put(EMPLOYERS.name, RECORD, version, said)

    def webhook(self, version: int, **changes: Any) -> None:
        said = {"url": "https://hr.example.com/roost", "employerId": OWNER, "enabled": True}
        self.world.put(WEBHOOKS.name, HOOK, version, said | changes)

    def outage(self, version: int = 1) -> None:
        self.world.put(OUTAGES.name, HOOK, version, OUTAGE.to_dict())

    def deliver(self, *notifications: Notification, seconds: float = 5) -> None:
        async def flow() -> None:
            async with self.stand.stage.running():
                for each in notifications:
                    await self.stand.stage.handle([fact(NOTIFICATIONS, each)])
                await asyncio.sleep(seconds)

        run(flow())

    def row(self, of: Notification, channel: ChannelKind = MAIL) -> Delivery:
        return self.world.row(of, channel)


def disabled() -> Notification:
    return rules.webhook_disabled(OUTAGE, OWNER)


def test_the_owner_is_told_host_begin_last_answer_and_what_to_do() -> None:
    around = Around()
    around.outage()
    around.deliver(disabled())
    ((address, message),) = around.sink.sent
    assert address == "hr@example.com"
    assert message.title == "Webhook disabled: hr.example.com"
    for told in (
        "21 November, 12:00",
        "last answer: 503",
        "https://jobs.example/console/employer/webhooks",
        "Stop all messages: https://jobs.example/v1/stop/e-",
    ):
        assert told in message.body
    assert message.data["webhookId"] == HOOK
    assert around.row(disabled()).status is S.SENT


def test_the_same_outage_is_told_once_however_often_it_arrives() -> None:
    around = Around()
    around.outage()
    around.deliver(disabled(), disabled())
    again = Stand(around.world)
    again.stage._sinks = dict.fromkeys(ChannelKind, around.sink)

    async def after_a_kill() -> None:
        async with again.stage.running():
            await again.stage.handle([fact(NOTIFICATIONS, disabled())])
            await asyncio.sleep(5)

    run(after_a_kill())
    assert len(around.sink.sent) == 1


def test_each_time_that_it_was_switched_on_is_told_separately() -> None:
    later = OUTAGE.model_copy(update={"enabling": 2})
    assert rules.webhook_disabled(later, OWNER).id != disabled().id
    repeat = OUTAGE.model_copy(update={"at": NOON + timedelta(hours=1)})
    assert rules.webhook_disabled(repeat, OWNER).id == disabled().id


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"enabling": 2}, "the webhook is switched on again"),
        ({"employerId": "site-2"}, "the webhook belongs to another employer"),
        ({"employerId": None}, "the webhook belongs to another employer"),
        (None, "the webhook is removed"),
    ],
)
def test_nothing_is_sent_of_a_webhook_that_is_on_again_removed_or_anothers(
    changes: dict[str, Any] | None, why: str
) -> None:
    around = Around()
    around.outage()
    if changes is None:
        around.world.put(WEBHOOKS.name, HOOK, 2, None)
    else:
        around.webhook(2, **changes)
    one = disabled()
    around.deliver(one)
    assert around.sink.sent == []
    rows = [row for row in around.world.rows() if row.notification.id == one.id]
    assert {(row.status, row.detail) for row in rows} == {(S.SUPPRESSED, why)}


@pytest.mark.parametrize(
    "contact",
    [
        {"preferences": {"mutedKinds": ["webhook_disabled"]}},
        {"preferences": {"muted": True}},
        {"channels": [{"kind": "email", "address": "x@example.com", "confirmed": False}]},
        {"channels": []},
    ],
)
def test_nothing_is_sent_of_a_muted_kind_or_to_an_unconfirmed_address(
    contact: dict[str, Any],
) -> None:
    around = Around(**contact)
    around.outage()
    around.deliver(disabled())
    assert around.sink.sent == []


@pytest.mark.parametrize("how", ["stopped", "erased"])
def test_nothing_is_sent_after_a_stop_or_without_a_contact(how: str) -> None:
    around = Around()
    around.outage()
    if how == "stopped":
        around.world.put(STOPS.name, RECORD, 1, {"stopped": True})
    else:
        around.world.put(EMPLOYERS.name, RECORD, 2, None)
    around.deliver(disabled())
    assert around.sink.sent == []


def test_it_waits_until_the_view_shows_the_outage() -> None:
    around = Around()
    one = disabled()

    async def flow() -> None:
        async with around.stand.stage.running():
            await around.stand.stage.handle([fact(NOTIFICATIONS, one)])
            await asyncio.sleep(3)
            assert around.sink.sent == []
            around.outage()
            await asyncio.sleep(20)

    run(flow())
    assert len(around.sink.sent) == 1


def test_a_code_goes_to_the_unconfirmed_address_without_a_stop_link() -> None:
    waiting = {"kind": "email", "address": "new@example.com", "confirmed": False}
    around = Around(channels=[waiting, {"kind": "sms", "address": "+8613800138000"}])
    recipient = Recipient(kind=RecipientKind.EMPLOYER, id=RECORD)
    asked = api_facts.address_code_asked(recipient, MAIL, "t-1", at=NOON)
    around.deliver(decode(Notification, value_of(asked)))
    ((address, message),) = around.sink.sent
    assert address == "new@example.com"
    assert message.stop_url == ""
    assert "Confirmation code" in message.title


def test_the_countys_quiet_hours_hold_a_message_to_an_employer() -> None:
    night = QuietHours(begins=time(22), ends=time(7))
    county = CountyDefaults(SHANGHAI, night, timedelta(minutes=10))
    at_night = datetime(2026, 11, 24, 23, 0, tzinfo=SHANGHAI)
    held = pause(DeliveryPreferences(), county, disabled(), MAIL, at_night, None)
    assert isinstance(held, Pause)
    assert held.until.astimezone(SHANGHAI).hour == 7
    own = DeliveryPreferences(quiet_hours=QuietHours(begins=time(0), ends=time(0)))
    assert pause(own, county, disabled(), MAIL, at_night, None) is None


def test_of_two_channels_the_second_takes_over_when_the_first_fails() -> None:
    around = Around(
        channels=[
            {"kind": "email", "address": "hr@example.com"},
            {"kind": "sms", "address": "+8613800138000"},
        ]
    )
    around.outage()

    class Refusing(Sent):
        async def send(self, message: Message, recipient: str, address: str, at: datetime) -> None:
            raise DeliveryRefused("no such mailbox")

    around.stand.stage._sinks = dict.fromkeys(ChannelKind, around.sink) | {MAIL: Refusing()}
    around.deliver(disabled(), seconds=20)
    assert [address for address, _ in around.sink.sent] == ["+8613800138000"]
