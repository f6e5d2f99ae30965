"""When a delivery may be sent: quiet hours, snooze, gap, digests, back-off and channels."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from roost.events.notification import (
    URGENT,
    Hold,
    Notification,
    NotificationKind,
    Recipient,
    RecipientKind,
)
from roost.events.opening_hours import parse_hours
from roost.events.preferences import ChannelKind, DeliveryPreferences, Digest, Pace, QuietHours
from roost.events.profile import Channel
from roost.settings import Settings
from streams.deliver.timing import (
    DIGESTIBLE,
    CountyDefaults,
    Pause,
    channels_for,
    county_defaults,
    digest_slot,
    pause,
    until_open,
)

ZONES = (
    "Africa/Casablanca",
    "America/New_York",
    "America/Nuuk",
    "America/Santiago",
    "Asia/Kolkata",
    "Asia/Shanghai",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Pacific/Kiritimati",
    "UTC",
)
BERLIN = ZoneInfo("Europe/Berlin")
SHANGHAI = ZoneInfo("Asia/Shanghai")
NIGHT = QuietHours(begins=time(22), ends=time(7))
COUNTY = CountyDefaults(SHANGHAI, NIGHT, timedelta(minutes=10))
OPEN = CountyDefaults(SHANGHAI, None, timedelta(0))
IDS = {
    RecipientKind.WORKER: "w-",
    RecipientKind.STATION: "s-",
    RecipientKind.WEBHOOK: "h-",
    RecipientKind.EMPLOYER: "e-",
}
NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
"""Noon in Shanghai."""
SMS, EMAIL, INBOX = ChannelKind.SMS, ChannelKind.EMAIL, ChannelKind.INBOX


def told(
    kind: NotificationKind = NotificationKind.NEW_MATCH,
    to: RecipientKind = RecipientKind.WORKER,
    urgent: bool = False,
) -> Notification:
    return Notification(
        id="n-" + "a" * 26,
        recipient=Recipient(kind=to, id=IDS[to] + "a" * 26),
        kind=kind,
        urgent=urgent,
        version=1,
        caused_at=NOON,
    )


def held(
    now: datetime,
    telling: DeliveryPreferences = DeliveryPreferences(),
    county: CountyDefaults = COUNTY,
    last_sent: datetime | None = None,
    to: RecipientKind = RecipientKind.WORKER,
) -> Pause | None:
    return pause(telling, county, told(to=to), SMS, now, last_sent)


def slot(
    created: datetime, digest: Digest, zone: str = "Europe/Berlin", county: CountyDefaults = COUNTY
) -> datetime:
    telling = DeliveryPreferences(time_zone=zone, digest=digest)
    found = digest_slot(telling, county, told(), SMS, created)
    assert found is not None
    return found


def local(text: str, zone: ZoneInfo, fold: int = 0) -> datetime:
    """Return the time, in UTC, at which a local clock shows this."""
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def inside(quiet: QuietHours, clock: time) -> bool:
    """Return whether a local time lies in the window, by its definition."""
    if quiet.begins <= quiet.ends:
        return quiet.begins <= clock < quiet.ends
    return clock >= quiet.begins or clock < quiet.ends


around_changes = st.builds(
    lambda change, shift: change + shift,
    st.sampled_from(
        [
            datetime(2026, 2, 15, 2, tzinfo=UTC),  # Casablanca, back for Ramadan
            datetime(2026, 3, 22, 2, tzinfo=UTC),  # Casablanca, on
            datetime(2026, 3, 29, 1, tzinfo=UTC),  # Berlin and Nuuk, on
            datetime(2026, 4, 4, 15, tzinfo=UTC),  # Lord Howe, back by half an hour
            datetime(2026, 9, 6, 4, tzinfo=UTC),  # Santiago, on at midnight
            datetime(2026, 10, 3, 15, 30, tzinfo=UTC),  # Lord Howe, on by half an hour
            datetime(2026, 10, 25, 1, tzinfo=UTC),  # Berlin and Nuuk, back
            datetime(2026, 11, 1, 6, tzinfo=UTC),  # New York, back
        ]
    ),
    st.timedeltas(timedelta(hours=-30), timedelta(hours=30)),
)
moments = around_changes | st.datetimes(
    datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)
)
clocks = st.times() | st.builds(time, st.integers(0, 4), st.sampled_from([0, 15, 30, 45]))
zones = st.sampled_from(ZONES)
windows = st.builds(QuietHours, begins=clocks, ends=clocks)
digests = st.builds(
    Digest,
    pace=st.sampled_from([Pace.HOURLY, Pace.DAILY, Pace.WEEKLY]),
    at=clocks,
    weekday=st.integers(1, 7),
)
tellings = st.builds(
    DeliveryPreferences,
    time_zone=st.none() | zones,
    quiet_hours=st.none() | windows,
    snoozed_until=st.none() | moments,
    digest=digests,
)
counties = st.builds(
    CountyDefaults,
    zone=zones.map(ZoneInfo),
    quiet=st.none() | windows,
    gap=st.timedeltas(timedelta(0), timedelta(days=7)),
)
recipients = st.sampled_from(RecipientKind)


# Pauses


def test_at_noon_a_worker_is_told_at_once() -> None:
    assert held(NOON) is None


def test_at_night_a_worker_is_told_when_the_night_ends() -> None:
    late = local("2026-11-24T23:30", SHANGHAI)
    assert held(late) == Pause(local("2026-11-25T07:00", SHANGHAI), Hold.QUIET)
    early = local("2026-11-25T06:59:59.999999", SHANGHAI)
    assert held(early) == Pause(local("2026-11-25T07:00", SHANGHAI), Hold.QUIET)
    assert held(local("2026-11-25T07:00", SHANGHAI)) is None
    assert held(local("2026-11-24T21:59:59", SHANGHAI)) is None
    assert held(local("2026-11-24T22:00", SHANGHAI)) is not None


def test_quiet_hours_by_day_do_not_span_midnight() -> None:
    nap = DeliveryPreferences(quiet_hours=QuietHours(begins=time(12), ends=time(14)))
    assert held(NOON, nap) == Pause(NOON + timedelta(hours=2), Hold.QUIET)
    assert held(NOON + timedelta(hours=2), nap) is None
    assert held(local("2026-11-24T23:30", SHANGHAI), nap) is None, "own hours replace the county's"


def test_equal_ends_are_never_quiet() -> None:
    never = DeliveryPreferences(quiet_hours=QuietHours(begins=time(22), ends=time(22)))
    assert held(local("2026-11-24T22:00", SHANGHAI), never) is None


def test_the_night_is_that_of_the_recipients_own_clock() -> None:
    assert held(NOON, DeliveryPreferences(time_zone="America/New_York")) == Pause(
        local("2026-11-24T07:00", ZoneInfo("America/New_York")), Hold.QUIET
    )


def test_a_snooze_that_ends_at_night_lasts_until_morning() -> None:
    telling = DeliveryPreferences(snoozed_until=local("2026-11-24T23:00", SHANGHAI))
    assert held(NOON, telling) == Pause(local("2026-11-25T07:00", SHANGHAI), Hold.QUIET)


def test_a_snooze_that_ends_by_day_decides_itself() -> None:
    telling = DeliveryPreferences(snoozed_until=local("2026-11-25T09:00", SHANGHAI))
    assert held(NOON, telling) == Pause(local("2026-11-25T09:00", SHANGHAI), Hold.SNOOZE)
    assert held(local("2026-11-25T09:00", SHANGHAI), telling) is None


def test_a_gap_that_ends_at_night_lasts_until_morning() -> None:
    before_ten = local("2026-11-24T21:55", SHANGHAI)
    assert held(before_ten, last_sent=before_ten) == Pause(
        local("2026-11-25T07:00", SHANGHAI), Hold.QUIET
    )


def test_between_two_messages_lies_the_gap() -> None:
    assert held(NOON, last_sent=NOON - timedelta(minutes=4)) == Pause(
        NOON + timedelta(minutes=6), Hold.THROTTLE
    )
    assert held(NOON, last_sent=NOON - timedelta(minutes=10)) is None


def test_the_longer_of_snooze_and_gap_decides() -> None:
    telling = DeliveryPreferences(snoozed_until=NOON + timedelta(minutes=5))
    assert held(NOON, telling, last_sent=NOON) == Pause(NOON + timedelta(minutes=10), Hold.THROTTLE)


def test_a_snooze_at_the_ends_of_the_calendar_is_no_crash() -> None:
    for text in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999-12:00"):
        for zone in ZONES:
            telling = DeliveryPreferences(
                time_zone=zone, snoozed_until=datetime.fromisoformat(text), quiet_hours=NIGHT
            )
            found = held(NOON, telling, OPEN)
            assert found is None or found.until.year in {2026, 9999}


def test_a_station_waits_only_for_what_it_chose_itself() -> None:
    night = local("2026-11-24T23:30", SHANGHAI)
    assert held(night, last_sent=night, to=RecipientKind.STATION) is None
    own = DeliveryPreferences(quiet_hours=NIGHT)
    assert held(night, own, to=RecipientKind.STATION) == Pause(
        local("2026-11-25T07:00", SHANGHAI), Hold.QUIET
    )
    snoozed = DeliveryPreferences(snoozed_until=night + timedelta(minutes=1))
    assert held(night, snoozed, to=RecipientKind.STATION) == Pause(
        night + timedelta(minutes=1), Hold.SNOOZE
    )


@given(tellings, counties, moments, st.none() | moments, st.sampled_from(NotificationKind))
def test_what_is_urgent_the_inbox_and_webhooks_never_wait(
    telling: DeliveryPreferences,
    county: CountyDefaults,
    now: datetime,
    last_sent: datetime | None,
    kind: NotificationKind,
) -> None:
    def wait(notification: Notification, channel: ChannelKind = SMS) -> Pause | None:
        return pause(telling, county, notification, channel, now, last_sent)

    assert wait(told(kind, urgent=True)) is None
    assert all(wait(told(each)) is None for each in URGENT)
    assert wait(told(kind), INBOX) is None
    assert wait(told(kind, RecipientKind.WEBHOOK), ChannelKind.WEBHOOK) is None


@given(tellings, counties, recipients, moments, st.none() | moments)
def test_a_wait_ends_later_than_now_and_where_nothing_holds_any_more(
    telling: DeliveryPreferences,
    county: CountyDefaults,
    to: RecipientKind,
    now: datetime,
    last_sent: datetime | None,
) -> None:
    found = held(now, telling, county, last_sent, to)
    until = found.until if found else now
    assert held(until, telling, county, last_sent, to) is None, "never held twice"
    assert until.tzinfo is UTC
    assert found is None or until > now
    if to is RecipientKind.WEBHOOK:
        return
    assert telling.snoozed_until is None or until >= telling.snoozed_until
    worker = to is RecipientKind.WORKER
    quiet = telling.quiet_hours or (county.quiet if worker else None)
    clock = until.astimezone(ZoneInfo(telling.time_zone) if telling.time_zone else county.zone)
    assert quiet is None or not inside(quiet, clock.time())
    assert not worker or last_sent is None or until >= last_sent + county.gap


@given(windows, zones, moments)
@example(QuietHours(begins=time(2, 30), ends=time(5)), "Europe/Berlin", local("2026-10-25", BERLIN))
def test_quiet_hours_last_no_moment_too_long(quiet: QuietHours, zone: str, now: datetime) -> None:
    found = held(now, DeliveryPreferences(time_zone=zone, quiet_hours=quiet), OPEN)
    until = found.until if found else now
    # At each quarter of an hour until then, and at the last instant, the clock is inside.
    steps = int((until - now) / timedelta(minutes=15)) + 1
    before = [now + number * timedelta(minutes=15) for number in range(steps)]
    for moment in (*before, until - timedelta.resolution):
        if now <= moment < until:
            assert inside(quiet, moment.astimezone(ZoneInfo(zone)).time())


@pytest.mark.parametrize(
    ("begins", "ends", "zone", "now", "fold", "until"),
    [
        # The clock goes forward from 2 to 3: half past two does not exist.
        ("22:00", "02:30", "Europe/Berlin", "2026-03-28T23:00", 0, "2026-03-29T01:00"),
        ("22:00", "07:00", "Europe/Berlin", "2026-03-28T23:00", 0, "2026-03-29T05:00"),
        # It goes back from 3 to 2: half past two occurs twice, and the first counts …
        ("22:00", "02:30", "Europe/Berlin", "2026-10-24T23:00", 0, "2026-10-25T00:30"),
        # … unless it is over. Between the two, the clock is before half past two again.
        ("22:00", "02:30", "Europe/Berlin", "2026-10-25T02:10", 1, "2026-10-25T01:30"),
        ("22:00", "07:00", "Europe/Berlin", "2026-10-24T23:00", 0, "2026-10-25T06:00"),
        ("22:00", "01:30", "America/New_York", "2026-10-31T23:00", 0, "2026-11-01T05:30"),
        ("22:00", "01:30", "America/New_York", "2026-11-01T01:10", 1, "2026-11-01T06:30"),
        ("22:00", "07:00", "America/New_York", "2026-10-31T23:00", 0, "2026-11-01T12:00"),
        # By half an hour, from 2:00 to 2:30.
        ("22:00", "02:15", "Australia/Lord_Howe", "2026-10-03T23:00", 0, "2026-10-03T15:30"),
    ],
)
def test_quiet_hours_follow_a_clock_that_is_changed(
    begins: str, ends: str, zone: str, now: str, fold: int, until: str
) -> None:
    quiet = QuietHours(begins=time.fromisoformat(begins), ends=time.fromisoformat(ends))
    found = held(
        local(now, ZoneInfo(zone), fold),
        DeliveryPreferences(time_zone=zone, quiet_hours=quiet),
        OPEN,
    )
    assert found == Pause(datetime.fromisoformat(until).replace(tzinfo=UTC), Hold.QUIET)


def test_moments_may_be_told_in_any_zone() -> None:
    twice = datetime(2026, 10, 25, 2, 55, tzinfo=BERLIN)  # the first of two; 02:05 follows it
    assert held(twice, county=OPEN, last_sent=twice) is None
    gap = CountyDefaults(BERLIN, None, timedelta(minutes=10))
    assert held(twice, county=gap, last_sent=twice) == Pause(
        datetime(2026, 10, 25, 1, 5, tzinfo=UTC), Hold.THROTTLE
    )
    night = held(
        datetime(2026, 3, 28, 23, tzinfo=BERLIN), county=CountyDefaults(BERLIN, NIGHT, OPEN.gap)
    )
    assert night == Pause(local("2026-03-29T07:00", BERLIN), Hold.QUIET)
    assert slot(twice, Digest(pace=Pace.HOURLY)) == datetime(2026, 10, 25, 1, tzinfo=UTC)


# Digests


@given(tellings, counties, moments, st.sampled_from(NotificationKind), recipients, st.booleans())
def test_only_what_is_not_urgent_is_gathered_and_only_for_workers(
    telling: DeliveryPreferences,
    county: CountyDefaults,
    created: datetime,
    kind: NotificationKind,
    to: RecipientKind,
    urgent: bool,
) -> None:
    notification = told(kind, to, urgent)
    found = digest_slot(telling, county, notification, SMS, created)
    gathered = kind in DIGESTIBLE and to is RecipientKind.WORKER and not urgent
    assert (found is not None) == gathered
    assert digest_slot(telling, county, notification, INBOX, created) is None


def test_without_a_pace_nothing_is_gathered() -> None:
    assert digest_slot(DeliveryPreferences(), COUNTY, told(), SMS, NOON) is None


@given(digests, zones, moments, st.timedeltas(timedelta(0), timedelta(days=9)))
def test_a_period_has_one_slot_and_all_of_it_gets_it(
    digest: Digest, zone: str, created: datetime, later: timedelta
) -> None:
    first = slot(created, digest, zone)
    assert first > created
    assert first.tzinfo is UTC
    assert slot(first - timedelta.resolution, digest, zone) == first
    other = created + later
    # Notifications created before the slot share it; those created later get a later one.
    assert (slot(other, digest, zone) == first) == (other < first)
    assert slot(first, digest, zone) > first


@given(clocks, zones, moments)
@example(time(0, fold=1), "America/Santiago", datetime(2026, 9, 5, 4, tzinfo=UTC))
def test_a_day_has_exactly_one_slot_at_its_hour(at: time, zone: str, created: datetime) -> None:
    moment, slots = created, []
    for _ in range(8):
        moment = slot(moment, Digest(pace=Pace.DAILY, at=at), zone)
        slots.append(moment.astimezone(ZoneInfo(zone)))
    # A clock that resumes at midnight moves a skipped evening to the next day.
    days = [(each - timedelta(hours=1) * (each.time() < at)).date() for each in slots]
    assert days == [days[0] + timedelta(days=number) for number in range(8)]
    assert sum(each.time() != at for each in slots) <= 1, "only what the clock skips is moved"


@given(digests, zones, moments)
def test_a_digest_comes_at_the_hour_and_day_that_were_chosen(
    digest: Digest, zone: str, created: datetime
) -> None:
    shown = slot(created, digest, zone).astimezone(ZoneInfo(zone))
    if digest.pace is Pace.HOURLY:
        assert shown.time().replace(hour=0) == time(0)
        assert slot(created, digest, zone) - created <= timedelta(hours=1, minutes=30)
    elif digest.pace is Pace.WEEKLY and shown.time() == digest.at:
        assert shown.isoweekday() == digest.weekday


@pytest.mark.parametrize(
    ("at", "zone", "created", "expected"),
    [
        ("08:00", "Europe/Berlin", "2026-03-28T09:00", "2026-03-29T06:00"),
        ("08:00", "Europe/Berlin", "2026-10-24T09:00", "2026-10-25T07:00"),
        ("08:00", "America/New_York", "2026-10-31T09:00", "2026-11-01T13:00"),
        ("08:00", "Asia/Shanghai", "2026-03-28T09:00", "2026-03-29T00:00"),
        # Half past two does not exist: the time at which the clock resumes.
        ("02:30", "Europe/Berlin", "2026-03-28T09:00", "2026-03-29T01:00"),
        # It occurs twice: the first time, and not again an hour later.
        ("02:30", "Europe/Berlin", "2026-10-24T09:00", "2026-10-25T00:30"),
        ("02:30", "Europe/Berlin", "2026-10-25T02:30", "2026-10-26T01:30"),
        ("01:30", "America/New_York", "2026-10-31T09:00", "2026-11-01T05:30"),
        ("01:30", "America/New_York", "2026-11-01T01:45", "2026-11-02T06:30"),
        # An evening skipped by a clock that goes forward at eleven.
        ("23:30", "America/Nuuk", "2026-03-28T09:00", "2026-03-29T01:00"),
    ],
)
def test_a_daily_digest_follows_a_clock_that_is_changed(
    at: str, zone: str, created: str, expected: str
) -> None:
    digest = Digest(pace=Pace.DAILY, at=time.fromisoformat(at))
    found = slot(local(created, ZoneInfo(zone)), digest, zone)
    assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_a_weekly_digest_comes_on_its_day() -> None:
    monday = Digest(pace=Pace.WEEKLY, at=time(8), weekday=1)
    sent = local("2026-10-26T08:00", BERLIN)
    assert slot(local("2026-10-19T08:00", BERLIN), monday) == sent, "strictly after"
    assert slot(local("2026-10-26T07:59:59.999999", BERLIN), monday) == sent
    assert slot(sent, monday) == local("2026-11-02T08:00", BERLIN)


def test_an_hourly_digest_comes_every_hour_also_while_the_clock_is_put_back() -> None:
    hourly, moment, hours = Digest(pace=Pace.HOURLY), local("2026-10-25T00:30", BERLIN), []
    for _ in range(5):
        moment = slot(moment, hourly)
        hours.append(moment.astimezone(BERLIN).strftime("%H:%M%z"))
    assert hours == ["01:00+0200", "02:00+0200", "02:00+0100", "03:00+0100", "04:00+0100"]


def test_an_hour_is_full_by_the_local_clock() -> None:
    found = slot(datetime(2026, 11, 24, 4, 0, tzinfo=UTC), Digest(pace=Pace.HOURLY), "Asia/Kolkata")
    assert found == datetime(2026, 11, 24, 4, 30, tzinfo=UTC)


def test_events_of_one_second_share_a_slot_and_one_at_the_slot_gets_the_next() -> None:
    daily = Digest(pace=Pace.DAILY)
    eight = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
    second = [eight - timedelta(microseconds=number) for number in (1, 500_000, 999_999)]
    assert {slot(each, daily, "Asia/Shanghai") for each in second} == {eight}
    assert slot(eight, daily, "Asia/Shanghai") == eight + timedelta(days=1)


def test_without_a_zone_of_their_own_the_countys_clock_counts() -> None:
    telling = DeliveryPreferences(digest=Digest(pace=Pace.DAILY))
    found = digest_slot(telling, COUNTY, told(), SMS, NOON)
    assert found == local("2026-11-25T08:00", SHANGHAI)


# Channels

WECOM = Channel(kind=ChannelKind.WECOM, address="li")
PHONE = Channel(kind=SMS, address="+8613800000000")
OTHER_PHONE = Channel(kind=SMS, address="+8613900000000")
MAIL = Channel(kind=EMAIL, address="li@example.cn")
BOX = Channel(kind=INBOX)
NEW = NotificationKind.NEW_MATCH


def choosing(*kinds: ChannelKind) -> DeliveryPreferences:
    return DeliveryPreferences(channels_by_kind={NEW.value: kinds})


def test_who_chose_nothing_is_told_in_the_inbox_and_on_the_first_other_channel() -> None:
    assert channels_for(DeliveryPreferences(), NEW, [PHONE, BOX, MAIL]) == ((BOX, PHONE), (MAIL,))
    assert channels_for(DeliveryPreferences(), NEW, [BOX]) == ((BOX,), ())
    assert channels_for(DeliveryPreferences(), NEW, []) == ((BOX,), ())


def test_the_chosen_channels_come_in_the_chosen_order() -> None:
    assert channels_for(choosing(EMAIL, INBOX, SMS), NEW, [PHONE, WECOM, MAIL]) == (
        (MAIL, BOX, PHONE),
        (WECOM,),
    )
    assert channels_for(choosing(EMAIL, EMAIL), NEW, [PHONE, MAIL]) == ((BOX, MAIL), (PHONE,))


def test_a_choice_for_another_kind_does_not_count() -> None:
    chosen, _ = channels_for(choosing(EMAIL), NotificationKind.POLICY_NEWS, [PHONE, MAIL])
    assert chosen == (BOX, PHONE)


def test_who_has_none_of_the_chosen_channels_is_told_as_usual() -> None:
    assert channels_for(choosing(EMAIL), NEW, [PHONE, WECOM]) == ((BOX, PHONE), (WECOM,))


def test_an_empty_choice_means_the_inbox_alone() -> None:
    assert channels_for(choosing(), NEW, [PHONE, MAIL]) == ((BOX,), (PHONE, MAIL))


def test_of_two_telephones_the_first_counts() -> None:
    assert channels_for(choosing(SMS), NEW, [PHONE, OTHER_PHONE]) == ((BOX, PHONE), ())


@given(
    st.none() | st.lists(st.sampled_from(ChannelKind)),
    st.lists(st.builds(Channel, kind=st.sampled_from(ChannelKind), address=st.just("a"))),
)
def test_every_kind_of_channel_is_chosen_or_left_for_later_once(
    listed: list[ChannelKind] | None, had: list[Channel]
) -> None:
    telling = DeliveryPreferences() if listed is None else choosing(*listed)
    chosen, further = channels_for(telling, NEW, had)
    kinds = [each.kind for each in (*chosen, *further)]
    assert len(kinds) == len(set(kinds))
    assert set(kinds) == {each.kind for each in had} | {INBOX}
    assert INBOX in [each.kind for each in chosen]


# Reminders to stations


@pytest.mark.parametrize(
    ("kind", "channel", "now", "until"),
    [
        (NotificationKind.MATCH_WAITING, SMS, "2026-09-11 18:05", "2026-09-14 08:30"),
        (NotificationKind.MATCH_WAITING, SMS, "2026-09-11 17:59", None),
        (NotificationKind.MATCH_WAITING, SMS, "2026-09-19 10:00", "2026-09-20 08:30"),
        (NotificationKind.MATCH_WAITING, INBOX, "2026-09-11 18:05", None),
        (NotificationKind.QUEUE_NEW, SMS, "2026-09-11 18:05", None),
    ],
)
def test_a_reminder_waits_until_the_station_opens(
    kind: NotificationKind, channel: ChannelKind, now: str, until: str | None
) -> None:
    county = CountyDefaults(SHANGHAI, NIGHT, timedelta(0), Settings().read_county_hours())
    at = datetime.fromisoformat(now).replace(tzinfo=SHANGHAI)
    found = until_open(None, county, told(kind, RecipientKind.STATION), channel, (), at)
    opens = until and datetime.fromisoformat(until).replace(tzinfo=SHANGHAI)
    assert (found.until if found else None) == opens


def test_a_reminder_waits_for_the_stations_own_hours_after_its_own_quiet_hours() -> None:
    county = CountyDefaults(SHANGHAI, None, timedelta(0), Settings().read_county_hours())
    at = datetime(2026, 9, 11, 12, tzinfo=SHANGHAI)
    held = Pause(at + timedelta(hours=2), Hold.SNOOZE)
    hours = parse_hours("Fr 09:00-11:00,13:00-13:30; Sa 10:00-12:00")
    one = told(NotificationKind.MATCH_WAITING, RecipientKind.STATION)
    assert until_open(held, county, one, SMS, hours, at) == Pause(
        datetime(2026, 9, 12, 10, tzinfo=SHANGHAI), Hold.QUIET
    )
    assert until_open(held, replace(county, hours=None), one, SMS, hours, at) == held


# The county


def test_the_countys_rules_are_read_from_the_settings() -> None:
    settings = Settings(quiet_hours="21:30-06:15", time_zone="Europe/Berlin", message_gap_minutes=5)
    assert county_defaults(settings) == CountyDefaults(
        BERLIN,
        QuietHours(begins=time(21, 30), ends=time(6, 15)),
        timedelta(minutes=5),
        no_calls=QuietHours(begins=time(20), ends=time(9)),
    )
    assert county_defaults(Settings(call_hours="")).no_calls is None
    assert county_defaults(Settings(quiet_hours="")).quiet is None
