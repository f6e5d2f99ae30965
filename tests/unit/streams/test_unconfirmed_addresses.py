"""Unconfirmed addresses at the deliver stage: they receive their code and nothing else."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers import facts
from roost import ids
from roost.contact.address_codes import VALID_FOR, address_code
from roost.events.envelope import decode, value_of
from roost.events.notification import (
    DeliveryStatus,
    Notification,
    NotificationKind,
    Recipient,
    RecipientKind,
)
from roost.events.preferences import ChannelKind, DeliveryPreferences
from roost.events.profile import Channel
from roost.time.leases import Lease
from roost.topics import NOTIFICATIONS, PROFILES
from roost.wording import Message
from streams.deliver import rows
from streams.deliver.contexts import Context, Contexts
from streams.deliver.message_texts import MessageWriter
from streams.deliver.planning import Drop, Go, judge, next_channel, plan
from streams.deliver.retries import Failure, next_attempt
from tests.unit.streams.in_memory import (
    NOON,
    WORKER,
    InMemoryElastic,
    Process,
    World,
    notification,
    run,
)
from tests.unit.streams.test_deliver_stage import Stand, fact, world
from tests.unit.streams.test_planning import KNOWN, of_match
from tests.unit.streams.test_timing import OPEN

S, K = DeliveryStatus, NotificationKind
SMS, EMAIL = ChannelKind.SMS, ChannelKind.EMAIL
KEY = b"k" * 32
PHONE = Channel(kind=SMS, address="+8613800138000", confirmed=False)


def code_asked(kind: ChannelKind = SMS) -> Notification:
    record = facts.address_code_asked(
        Recipient(kind=RecipientKind.WORKER, id=WORKER), kind, ids.derive("t", "1"), at=NOON
    )
    return decode(Notification, value_of(record))


def context_of(one: Notification, channels: list[Channel], **telling: Any) -> Context:
    """Return the context that the stage reads for a worker with these channels."""
    around = World()
    stored = [each.to_dict() for each in channels]
    around.put(PROFILES.name, WORKER, 1, {"channels": stored, "preferences": telling})
    (found,) = run(Contexts(InMemoryElastic(Process(around))).read([one]))
    made: Context = found
    return replace(made, opening={}, match=KNOWN.match, notice={}, text_pending=False)


def reached(one: Notification, context: Context) -> list[Channel]:
    """Return every channel that any delivery of a notification would be sent on."""
    kinds = {row.channel for row in plan(one, context, OPEN, NOON)}
    for kind in list(kinds):
        after = next_channel(rows.waiting(one, kind, NOON, NOON, None), context)
        while after is not None and after not in kinds:
            kinds.add(after)
            after = next_channel(rows.waiting(one, after, NOON, NOON, None), context)
    verdicts = [
        judge(rows.waiting(one, kind, NOON, NOON, None), context, OPEN, NOON, None)
        for kind in ChannelKind  # rows that were planned before an edit are judged as well
    ]
    return [each.channel for each in verdicts if isinstance(each, Go)]


channels = st.lists(
    st.builds(
        Channel,
        kind=st.sampled_from([each for each in ChannelKind if each is not ChannelKind.INBOX]),
        address=st.sampled_from(["a", "b", "c"]),
        confirmed=st.booleans(),
    ),
    max_size=6,
)
personal = st.sampled_from(
    [of_match(kind) for kind in K if kind is not K.ADDRESS_CODE]
    + [notification(), notification(urgent=True)]
)


@settings(max_examples=60, deadline=None)
@given(
    personal,
    channels,
    st.dictionaries(
        st.sampled_from([kind.value for kind in K]),
        st.lists(st.sampled_from([each.value for each in ChannelKind]), max_size=3),
        max_size=3,
    ),
)
def test_no_unconfirmed_address_ever_receives_a_personal_message(
    one: Notification, known: list[Channel], by_kind: dict[str, list[str]]
) -> None:
    context = context_of(one, known, channelsByKind=by_kind)
    for channel in reached(one, context):
        assert channel.kind is ChannelKind.INBOX or channel.confirmed
    for channel in (*context.channels,):
        assert channel.confirmed


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([each for each in ChannelKind if each is not ChannelKind.INBOX]), channels)
def test_a_code_goes_to_an_unconfirmed_address_of_its_kind_alone(
    kind: ChannelKind, known: list[Channel]
) -> None:
    one = code_asked(kind)
    context = context_of(one, known)
    assert [row.channel for row in plan(one, context, OPEN, NOON)] == [kind]
    row = rows.waiting(one, kind, NOON, NOON, None)
    verdict = judge(row, context, OPEN, NOON, None)
    waiting = [each for each in known if each.kind is kind and not each.confirmed]
    if waiting:
        assert verdict == Go(waiting[0])
    else:
        assert not isinstance(verdict, Go)
    assert next_channel(row, context) is None


@pytest.mark.parametrize(
    ("telling", "stopped", "is_sent"),
    [
        (DeliveryPreferences(), False, True),
        (DeliveryPreferences(muted=True), False, True),
        (DeliveryPreferences(), True, False),
    ],
)
def test_a_code_is_sent_although_messages_are_muted_and_not_after_a_stop(
    telling: DeliveryPreferences, stopped: bool, is_sent: bool
) -> None:
    context = Context(recipient={}, telling=telling, stopped=stopped, unconfirmed=(PHONE,))
    row = rows.waiting(code_asked(), SMS, NOON, NOON, None)
    assert isinstance(judge(row, context, OPEN, NOON, None), Go) == is_sent


def test_a_code_is_neither_sent_nor_retried_once_it_has_expired() -> None:
    one, context = code_asked(), Context(recipient={}, unconfirmed=(PHONE,))
    row = rows.waiting(one, SMS, NOON, NOON, None)
    for known in (context, Context(recipient={})):
        assert isinstance(judge(row, known, OPEN, NOON + VALID_FOR, None), Drop)
    late = NOON + VALID_FOR - timedelta(seconds=1)
    failure = Failure(SMS, 3)
    assert next_attempt(failure, [(one, context)], OPEN, late, 10, Random(1)) is None


class Sent:
    """A channel that keeps the addresses and the texts."""

    knows_ids = True

    def __init__(self) -> None:
        self.sent: list[tuple[str, Message]] = []

    async def send(
        self, message: Message, recipient: str, address: str, at: datetime, lease: Lease
    ) -> None:
        self.sent.append((address, message))


def test_the_code_is_sent_once_the_view_shows_the_address_in_the_workers_language() -> None:
    around, one = world(), code_asked()
    stand, sink = Stand(around), Sent()
    stand.stage._sinks = dict.fromkeys(ChannelKind, sink)
    stand.stage._writer = MessageWriter("https://jobs.example", KEY)

    async def flow() -> None:
        async with stand.stage.running():
            await stand.stage.handle([fact(NOTIFICATIONS, one)])
            await asyncio.sleep(5)
            assert sink.sent == []
            changed = {"channels": [PHONE.to_dict()], "preferences": {"language": "en"}}
            around.put(PROFILES.name, WORKER, 2, changed)
            await asyncio.sleep(30)

    run(flow())
    [(address, message)] = sink.sent
    assert address == PHONE.address
    assert message.title == f"Confirmation code: {address_code(KEY, WORKER, PHONE, NOON)}"
    assert (message.stop_url, "jobs.example" in message.body) == ("", False)
    assert [(row.channel, row.status) for row in around.rows()] == [(SMS, S.SENT)]
    code = address_code(KEY, WORKER, PHONE, NOON)
    assert not [each for each in around.said if code.encode() in (each.value or b"")]
