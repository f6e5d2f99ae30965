"""When and on which channels a notification is delivered, or why it is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost import ids
from roost.events.notification import (
    Delivery,
    DeliveryStatus,
    Hold,
    Notification,
    NotificationKind,
    Recipient,
    RecipientKind,
    urgent,
)
from roost.events.preferences import ChannelKind, DeliveryPreferences, Digest, Pace, QuietHours
from roost.events.profile import Channel
from streams.deliver import rows
from streams.deliver.contexts import Context
from streams.deliver.pauses import PAUSES
from streams.deliver.planning import (
    GOES_ON_UNREAD,
    Drop,
    Go,
    goes_on_unread,
    judge,
    next_channel,
    obstacle,
    plan,
)
from streams.deliver.timing import CountyDefaults, Pause
from tests.unit.streams.in_memory import NOON, notification
from tests.unit.streams.test_timing import OPEN, SHANGHAI

S, K = DeliveryStatus, NotificationKind
SMS, EMAIL, WECOM, INBOX = (
    ChannelKind.SMS,
    ChannelKind.EMAIL,
    ChannelKind.WECOM,
    ChannelKind.INBOX,
)
THREE = tuple(Channel(kind=kind, address="x") for kind in (SMS, EMAIL, WECOM))
GAP = CountyDefaults(SHANGHAI, None, timedelta(minutes=10))
NIGHT = DeliveryPreferences(quiet_hours=QuietHours(begins=time(11), ends=time(13)))
SNOOZED = DeliveryPreferences(snoozed_until=NOON + timedelta(hours=3))
PROPOSED = {"active": True, "fact": {"state": "proposed"}}
KNOWN = Context(recipient={}, opening={}, match=PROPOSED, notice={}, channels=THREE)
HOUR = timedelta(hours=1)
WAITING = {K.ADDRESS_CODE, K.CANDIDATES_REQUESTED, K.SHARING_ASKED, K.SHARING_ANSWERED, *PAUSES}
"""Kinds that wait for their cause: the context does not know it."""


def of_match(kind: NotificationKind = K.NEW_MATCH) -> Notification:
    opening, worker = ids.opening_id("t", "1"), ids.worker_id("t", "1")
    return Notification(
        id=ids.notification_id(worker, opening, kind, 1),
        recipient=Recipient(kind=RecipientKind.WORKER, id=worker),
        kind=kind,
        opening_id=opening,
        match_id=ids.match_id(opening, worker),
        version=1,
        caused_at=NOON,
    )


def row_of(one: Notification, channel: ChannelKind = SMS, held_by: Hold | None = None) -> Delivery:
    return rows.waiting(one, channel, NOON, NOON, held_by)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"recipient": None}, "the recipient is erased"),
        ({"stopped": True}, "stopped by the recipient"),
        ({"telling": DeliveryPreferences(muted=True)}, "muted by the recipient"),
        ({"telling": DeliveryPreferences(muted_kinds=("new_match",))}, "muted by the recipient"),
        ({"opening": None}, "the opening or the match is erased"),
        ({"match": {"erased": True}}, "the opening or the match is erased"),
        ({"match": {"active": False}}, "the match no longer holds"),
    ],
)
def test_what_is_not_to_be_told_is_neither_planned_nor_sent(
    changes: dict[str, object], why: str
) -> None:
    context = replace(KNOWN, **changes)  # type: ignore[arg-type]
    (row,) = plan(of_match(), context, OPEN, NOON)
    assert (row.status, row.detail) == (S.SUPPRESSED, why)
    assert judge(row_of(of_match()), context, OPEN, NOON, None) == Drop(why)


@pytest.mark.parametrize("kind", NotificationKind)
@pytest.mark.parametrize("who", ["w", "s", "h", "e"])
def test_a_notification_that_names_nothing_is_no_fault_of_the_stage(
    kind: NotificationKind, who: str
) -> None:
    """Another producer may leave ids out: that is no reason to stop at too many dead letters."""
    id, to = ids.derive(who, "1"), {each.value[0]: each for each in RecipientKind}
    kinds = to | {"h": RecipientKind.WEBHOOK}
    one = Notification(
        id=ids.notification_id(id, "cause", kind.value, 1),
        recipient=Recipient(kind=kinds[who], id=id),
        kind=kind,
        version=1,
        caused_at=NOON,
    )
    for match in (None, {}, PROPOSED):
        for row in plan(one, replace(KNOWN, match=match), OPEN, NOON):
            judge(row, replace(KNOWN, match=match), OPEN, NOON, None)


def test_only_the_kinds_that_are_muted_are() -> None:
    context = replace(KNOWN, telling=DeliveryPreferences(muted_kinds=("policy_news",)))
    assert obstacle(notification(K.POLICY_NEWS), context)
    assert obstacle(notification(K.REQUEST_ANSWERED), context) == ""


def test_a_notice_that_is_erased_is_not_told() -> None:
    assert obstacle(notification(), replace(KNOWN, notice=None)) == "the notice is erased"


def message_of_station() -> Notification:
    one = notification(K.STATION_MESSAGE)
    said = {"notice_id": None, "conversation_message_id": ids.derive("d", "1")}
    return one.model_copy(update=said)


def test_a_message_that_is_erased_or_muted_is_not_sent() -> None:
    one, known = message_of_station(), replace(KNOWN, notice=None, message={"text": "九点"})
    assert obstacle(one, known) == ""
    assert obstacle(one, replace(known, message=None)) == "the message is erased"
    assert obstacle(one, replace(known, stopped=True)) == "stopped by the recipient"
    assert judge(row_of(one), known, OPEN, NOON, None) == Go(THREE[0])


def test_a_message_waits_for_the_view_and_for_the_end_of_quiet_hours() -> None:
    one, known = message_of_station(), replace(KNOWN, notice=None, message={"text": "九点"})
    early = replace(known, message=None, text_pending=True)
    assert isinstance(judge(row_of(one), early, OPEN, NOON, None), Pause)
    night = judge(row_of(one), replace(known, telling=NIGHT), OPEN, NOON, None)
    assert isinstance(night, Pause)
    assert night.why is Hold.QUIET


def test_a_notification_that_precedes_its_notice_waits_for_the_view() -> None:
    early = replace(KNOWN, notice=None, text_pending=True)
    assert obstacle(notification(), early) == ""
    assert [row.status for row in plan(notification(), early, OPEN, NOON)] != [S.SUPPRESSED]
    row = row_of(notification())
    verdict = judge(row, early, OPEN, NOON, None)
    assert isinstance(verdict, Pause)
    assert verdict.until > NOON
    assert judge(row, KNOWN, OPEN, NOON, None) == Go(THREE[0])


def test_that_a_match_ended_is_told_though_it_no_longer_holds() -> None:
    context = replace(KNOWN, match={"active": False})
    assert obstacle(of_match(K.OPENING_CLOSED), context) == ""


def test_a_webhook_that_is_switched_off_is_told_nothing() -> None:
    one = notification(recipient=ids.derive("h", "1"))
    hook = (Channel.model_construct(kind=ChannelKind.WEBHOOK, address=""),)
    on = replace(KNOWN, recipient={"enabled": True}, channels=hook)
    (row,) = plan(one, on, OPEN, NOON)
    assert (row.channel, row.status) == (ChannelKind.WEBHOOK, S.WAITING)
    assert judge(row, on, OPEN, NOON, None) == Go(hook[0])
    off = replace(on, recipient={"enabled": False})
    assert judge(row, off, OPEN, NOON, None) == Drop("the webhook is switched off")
    assert next_channel(row, on) is None


def test_a_plan_is_the_inbox_at_once_and_the_first_channel_of_ones_own() -> None:
    inbox, sms = plan(notification(), KNOWN, OPEN, NOON)
    assert (inbox.channel, inbox.status) == (INBOX, S.SENT)
    assert (sms.channel, sms.status, sms.due_at) == (SMS, S.WAITING, NOON)


@pytest.mark.parametrize(
    ("telling", "held_by", "until"),
    [
        (NIGHT, Hold.QUIET, NOON + HOUR),
        (SNOOZED, Hold.SNOOZE, NOON + 3 * HOUR),
        (DeliveryPreferences(digest=Digest(pace=Pace.HOURLY)), Hold.DIGEST, NOON + HOUR),
    ],
)
def test_what_waits_is_planned_for_later_and_the_inbox_is_not_held(
    telling: DeliveryPreferences, held_by: Hold, until: object
) -> None:
    context = replace(KNOWN, telling=telling)
    inbox, sms = plan(notification(), context, OPEN, NOON)
    assert inbox.status is S.SENT
    assert (sms.status, sms.held_by, sms.due_at) == (S.WAITING, held_by, until)
    assert plan(notification(urgent=True), context, OPEN, NOON)[1].due_at == NOON


def test_a_plan_made_again_has_the_same_ids() -> None:
    one = notification()
    assert [row.id for row in plan(one, KNOWN, OPEN, NOON)] == [
        row.id for row in plan(one, KNOWN, OPEN, NOON + HOUR)
    ]


@pytest.mark.parametrize(
    ("telling", "pause"),
    [
        (NIGHT, Pause(NOON + HOUR, Hold.QUIET)),
        (SNOOZED, Pause(NOON + 3 * HOUR, Hold.SNOOZE)),
        (DeliveryPreferences(), Pause(NOON + timedelta(minutes=6), Hold.THROTTLE)),
    ],
)
def test_what_is_due_is_held_by_what_holds_then_and_urgent_ones_by_nothing(
    telling: DeliveryPreferences, pause: Pause
) -> None:
    context, last = replace(KNOWN, telling=telling), NOON - timedelta(minutes=4)
    assert judge(row_of(notification()), context, GAP, NOON, last) == pause
    assert judge(row_of(notification(urgent=True)), context, GAP, NOON, last) == Go(THREE[0])


def test_a_digest_that_is_due_goes() -> None:
    context = replace(KNOWN, telling=DeliveryPreferences(digest=Digest(pace=Pace.HOURLY)))
    row = row_of(notification(), held_by=Hold.DIGEST)
    assert judge(row, context, OPEN, NOON + HOUR, None) == Go(THREE[0])


def test_a_channel_that_the_recipient_no_longer_has_is_let_be() -> None:
    context = replace(KNOWN, channels=THREE[1:])
    verdict = judge(row_of(notification()), context, OPEN, NOON, None)
    assert verdict == Drop("the recipient has no such channel any more", replan=True)


@pytest.mark.parametrize("held_by", [Hold.UNREAD, Hold.QUIET, Hold.RETRY])
def test_a_further_channel_is_left_out_once_it_was_read_whatever_held_it_since(
    held_by: Hold,
) -> None:
    row = row_of(notification(K.REQUEST_ANSWERED), EMAIL, held_by)
    assert judge(row, KNOWN, OPEN, NOON, None) == Go(THREE[1])
    read = judge(row, replace(KNOWN, read=True), OPEN, NOON, None)
    assert read == Drop("read or dealt with meanwhile")


def test_a_first_channel_is_used_though_the_inbox_was_read() -> None:
    assert judge(row_of(notification()), replace(KNOWN, read=True), OPEN, NOON, None) == Go(
        THREE[0]
    )


def test_a_match_that_somebody_works_on_needs_no_second_message() -> None:
    claimed = replace(KNOWN, match={"active": True, "fact": {"state": "claimed"}})
    row = row_of(of_match(), EMAIL, Hold.UNREAD)
    assert judge(row, claimed, OPEN, NOON, None) == Drop("read or dealt with meanwhile")
    assert judge(row, KNOWN, OPEN, NOON, None) == Go(THREE[1])
    assert judge(row_of(of_match()), claimed, OPEN, NOON, None) == Go(THREE[0])


def test_one_goes_from_channel_to_channel_and_then_no_further() -> None:
    one = notification()
    assert [next_channel(row_of(one, kind), KNOWN) for kind in (INBOX, SMS, EMAIL, WECOM)] == [
        None,
        EMAIL,
        WECOM,
        None,
    ]


def test_after_a_channel_that_vanished_nothing_is_next() -> None:
    for left in (THREE[1:], ()):
        assert next_channel(row_of(notification()), replace(KNOWN, channels=left)) is None


def test_only_some_kinds_go_on_unread_and_only_to_workers() -> None:
    for kind in K:
        assert goes_on_unread(row_of(of_match(kind))) == (kind in GOES_ON_UNREAD)
    assert not goes_on_unread(row_of(notification(K.NEW_MATCH, ids.station_id("t"))))


def test_urgent_is_what_its_kind_or_the_notice_says() -> None:
    assert [urgent(of_match(kind)) for kind in (K.INTERVIEW_SET, K.OPENING_CLOSED)] == [True, True]
    assert [urgent(notification(urgent=each)) for each in (True, False)] == [True, False]


tellings = st.builds(
    DeliveryPreferences,
    muted=st.booleans(),
    muted_kinds=st.sampled_from([(), ("policy_news",), ("new_match",)]),
    channels_by_kind=st.dictionaries(
        st.sampled_from([kind.value for kind in K]),
        st.lists(st.sampled_from(ChannelKind), max_size=3).map(tuple),
        max_size=3,
    ),
    quiet_hours=st.none() | st.builds(QuietHours, begins=st.times(), ends=st.times()),
    digest=st.builds(Digest, pace=st.sampled_from(Pace)),
)


@given(
    tellings,
    st.booleans(),
    st.booleans(),
    st.lists(st.sampled_from(THREE), max_size=3, unique=True).map(tuple),
    st.sampled_from(
        [of_match(kind) for kind in K if kind not in WAITING]
        + [notification(), notification(urgent=True)]
    ),
    st.booleans(),
)
def test_whatever_is_chosen_a_plan_is_sound_and_every_further_channel_is_another(
    telling: DeliveryPreferences,
    stopped: bool,
    erased: bool,
    channels: tuple[Channel, ...],
    one: Notification,
    read: bool,
) -> None:
    context = replace(KNOWN, telling=telling, stopped=stopped, channels=channels, read=read)
    context = replace(context, recipient=None) if erased else context
    made = plan(one, context, OPEN, NOON)
    assert len({row.id for row in made}) == len(made) > 0
    if stopped or erased or telling.muted:
        assert [row.status for row in made] == [S.SUPPRESSED]
        return
    for row in made:
        verdict = judge(row, context, OPEN, row.due_at, None)
        if row.status is S.WAITING:
            assert row.due_at >= NOON
            assert row.channel in {each.kind for each in channels}
            assert not isinstance(verdict, Drop)
            if row.held_by is Hold.DIGEST and isinstance(verdict, Pause):
                assert verdict.why is Hold.QUIET, "a digest's slot may lie in quiet hours"
            else:
                assert isinstance(verdict, Go), "what held it is over when it is due"
        seen, channel = {row.channel}, next_channel(row, context)
        while channel is not None:
            assert channel not in seen | {each.channel for each in made}
            seen.add(channel)
            channel = next_channel(row_of(one, channel), context)
