"""Messages to employers on their own channels: who gets one, of what, and when none is sent."""

from __future__ import annotations

import asyncio
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from producers import facts as api_facts
from producers import opening_decisions, simulator
from roost import ids
from roost.events.envelope import decode, value_of
from roost.events.match import Match, MatchState
from roost.events.notification import (
    Answer,
    Delivery,
    DeliveryStatus,
    Notification,
    NotificationKind,
    Recipient,
    RecipientKind,
)
from roost.events.opening import Opening, OpeningStatus, ReviewMark
from roost.events.preferences import ChannelKind, DeliveryPreferences, QuietHours
from roost.events.webhook import Outage, OutageCause
from roost.time.leases import Lease
from roost.topics import EMPLOYERS, MATCHES, NOTIFICATIONS, OPENINGS, OUTAGES, STOPS, WEBHOOKS
from roost.wording import Message
from streams.deliver.delivery_errors import DeliveryRefused
from streams.deliver.message_texts import MessageWriter
from streams.deliver.timing import CountyDefaults, Pause, pause
from streams.notify import rules
from tests.made import a_match
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

    async def send(
        self, message: Message, recipient: str, address: str, at: datetime, lease: Lease
    ) -> None:
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
        async def send(
            self, message: Message, recipient: str, address: str, at: datetime, lease: Lease
        ) -> None:
            raise DeliveryRefused("no such mailbox")

    around.stand.stage._sinks = dict.fromkeys(ChannelKind, around.sink) | {MAIL: Refusing()}
    around.deliver(disabled(), seconds=20)
    assert [address for address, _ in around.sink.sent] == ["+8613800138000"]


UNLAWFUL = ReviewMark(field="description", criterion="age", words="35岁以下", start=0, end=5)


def waiting_opening(**changes: Any) -> Opening:
    content = next(simulator.openings(1))
    made, _ = api_facts.opening_posted(content, at=NOON, today=NOON.date())
    employer = made.hiring_organization.model_copy(update={"id": OWNER})
    said = {"hiring_organization": employer, "awaiting_approval": True} | changes
    return made.model_copy(update=said)


def news_of(opening: Opening, version: int = 7) -> list[Notification]:
    return list(rules.opening_news(opening, version, NOON))


def show(around: Around, opening: Opening, version: int = 7) -> None:
    around.world.put(OPENINGS.name, opening.id, version, opening.to_dict())


def test_a_decision_is_told_once_however_often_the_opening_is_edited() -> None:
    approved, _ = opening_decisions.opening_approved(waiting_opening(), at=NOON)
    edited = approved.model_copy(update={"title": "抹灰工"})
    (first,), (second,) = news_of(approved), news_of(edited, version=8)
    assert first.id == second.id
    assert first.kind is K.OPENING_APPROVED
    refused, _ = opening_decisions.opening_refused(waiting_opening(), at=NOON)
    assert [each.kind for each in news_of(refused)] == [K.OPENING_REFUSED]
    assert news_of(waiting_opening()) == []
    untouched, _ = opening_decisions.opening_approved(approved, at=NOON + timedelta(days=1))
    assert untouched.decision == approved.decision, "it waited for nothing any more"


@pytest.mark.parametrize("approves", [True, False])
def test_the_employer_is_told_of_a_decision_with_the_page_of_the_opening(approves: bool) -> None:
    around = Around()
    decide = opening_decisions.opening_approved if approves else opening_decisions.opening_refused
    decided, _ = decide(waiting_opening(), at=NOON)
    show(around, decided)
    around.deliver(*news_of(decided))
    ((_, message),) = around.sink.sent
    assert message.title.startswith("Opening approved" if approves else "Opening not approved")
    assert f"https://jobs.example/console/employer/openings/{decided.id}" in message.body
    assert message.data["openingId"] == decided.id


def test_words_that_wait_for_review_are_told_with_demand_and_remedy_once_for_the_same_words() -> (
    None
):
    held = waiting_opening(awaiting_approval=False, review=(UNLAWFUL,))
    (first,) = news_of(held)
    assert news_of(held, version=9)[0].id == first.id
    moved = UNLAWFUL.model_copy(update={"start": 3, "end": 8})
    assert news_of(held.model_copy(update={"review": (moved,)}))[0].id == first.id
    more = UNLAWFUL.model_copy(update={"words": "限男性", "criterion": "sex"})
    assert news_of(held.model_copy(update={"review": (UNLAWFUL, more)}))[0].id != first.id
    around = Around()
    show(around, held)
    around.deliver(first)
    ((_, message),) = around.sink.sent
    assert "“35岁以下” (" in message.body


@pytest.mark.parametrize("how", ["approved", "edited", "closed", "erased", "moved", "reopened"])
def test_a_message_about_an_opening_is_not_sent_once_its_cause_has_changed(how: str) -> None:
    around = Around()
    opening = waiting_opening(review=(UNLAWFUL,))
    if how == "reopened":
        opening, _ = opening_decisions.opening_refused(opening, at=NOON)
    one, *_ = news_of(opening)
    match how:
        case "approved":
            now, _ = opening_decisions.opening_approved(opening, at=NOON)
        case "edited":
            now = opening.model_copy(update={"review": None})
        case "closed":
            now = opening.model_copy(update={"status": OpeningStatus.CLOSED})
        case "reopened":
            now = opening.model_copy(update={"status": OpeningStatus.OPEN})
        case "moved":
            other = opening.hiring_organization.model_copy(update={"id": "site-2"})
            now = opening.model_copy(update={"hiring_organization": other})
        case _:
            now = None
    if now is None:
        around.world.put(OPENINGS.name, opening.id, 8, None)
    else:
        show(around, now, version=8)
    around.deliver(one)
    assert around.sink.sent == []
    (row,) = {row.status for row in around.world.rows() if row.notification.id == one.id}
    assert row is S.SUPPRESSED


def test_many_messages_due_at_once_to_an_employer_are_one() -> None:
    around = Around()
    openings = [
        waiting_opening(id=ids.opening_id("many", str(number)), review=(UNLAWFUL,))
        for number in range(30)
    ]
    for each in openings:
        show(around, each)

    async def flow() -> None:
        async with around.stand.stage.running():
            said = [fact(NOTIFICATIONS, one) for each in openings for one in news_of(each)]
            await around.stand.stage.handle(said)
            await asyncio.sleep(20)

    run(flow())
    assert len(around.sink.sent) == 1
    ((_, message),) = around.sink.sent
    assert message.title == "30 new messages"
    assert "and 20 more" in message.body or "more" in message.body
    assert "queue" not in message.body


def referred(**changes: Any) -> Match:
    made = a_match(ids.opening_id("ref", "1"), ids.worker_id("ref", "1"), NOON)
    said = {"state": MatchState.REFERRED, "referred_at": NOON, "revision": 5, "assigned_to": "li"}
    return made.model_copy(update=said | changes)


def put_match(around: Around, made: Match) -> None:
    document = {"fact": made.to_dict(), "active": made.state.active}
    around.world.documents[MATCHES.name, made.id] = (
        made.revision,
        {"version": made.revision, **document},
    )


def test_a_referral_is_told_once_and_names_nobody() -> None:
    around, made = Around(), referred()
    opening = waiting_opening(id=made.opening_id, awaiting_approval=False)
    show(around, opening)
    put_match(around, made)
    one = rules.referral(made, OWNER)
    again = rules.referral(made.model_copy(update={"revision": 6, "score": 1.0}), OWNER)
    assert one is not None
    assert again is not None
    assert one.id == again.id
    around.deliver(one)
    ((_, message),) = around.sink.sent
    assert message.title == f"Candidate referred: {opening.title}"
    assert made.worker_id not in message.body
    for each in made.reasons:
        assert each.en not in message.body


@pytest.mark.parametrize(
    "changes",
    [
        {"state": MatchState.CONTACTED, "referred_at": None},
        {"state": MatchState.INTERVIEWED},
        {"state": MatchState.DECLINED},
        {"referred_at": NOON + timedelta(hours=1)},
    ],
)
def test_a_referral_that_was_undone_repeated_or_passed_is_not_told(changes: dict[str, Any]) -> None:
    around, made = Around(), referred()
    show(around, waiting_opening(id=made.opening_id, awaiting_approval=False))
    put_match(around, made.model_copy(update=changes | {"revision": 6}))
    one = rules.referral(made, OWNER)
    assert one is not None
    around.deliver(one)
    assert around.sink.sent == []
    assert around.row(one, ChannelKind.INBOX).status is S.SUPPRESSED


def test_a_referral_waits_until_the_view_shows_it() -> None:
    around, made = Around(), referred()
    show(around, waiting_opening(id=made.opening_id, awaiting_approval=False))
    before = made.model_copy(
        update={"state": MatchState.CONTACTED, "referred_at": None, "revision": 4}
    )
    put_match(around, before)
    one = rules.referral(made, OWNER)
    assert one is not None

    async def flow() -> None:
        async with around.stand.stage.running():
            await around.stand.stage.handle([fact(NOTIFICATIONS, one)])
            await asyncio.sleep(3)
            assert around.sink.sent == []
            put_match(around, made)
            await asyncio.sleep(20)

    run(flow())
    assert len(around.sink.sent) == 1


@pytest.mark.parametrize("state", [each for each in MatchState if each is not MatchState.REFERRED])
def test_no_other_state_is_a_referral(state: MatchState) -> None:
    assert rules.referral(referred(state=state), OWNER) is None
