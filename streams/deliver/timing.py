"""When a delivery may be sent, and on which channels: pure decisions.

Days and hours are those of the recipient's own clock, so changes to and from daylight-saving time
are followed. Every time returned is in UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from roost.events.notification import (
    STOPPABLE,
    Hold,
    Notification,
    NotificationKind,
    RecipientKind,
    urgent,
)
from roost.events.opening_hours import OpeningHours
from roost.events.preferences import ChannelKind, DeliveryPreferences, Digest, Pace, QuietHours
from roost.events.profile import Channel
from roost.settings import Settings
from roost.time.open_time import NoOpenTime, next_open
from roost.time.station_hours import CountyHours
from roost.time.wall_clock import clock_change, first_at

DIGESTIBLE = frozenset(
    {
        NotificationKind.NEW_MATCH,
        NotificationKind.POLICY_NEWS,
        NotificationKind.MATCH_CLAIMED,
        NotificationKind.SAVED_SEARCH,
    }
)
"""Kinds that a digest may collect."""

REMINDERS = frozenset({NotificationKind.MATCH_WAITING})
"""Kinds that remind a station of its work, in its opening hours only."""

FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
"""The latest end of a snooze: time zones can still be applied to it and to the day after."""

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class CountyDefaults:
    """The defaults for recipients who have chosen nothing."""

    zone: ZoneInfo
    quiet: QuietHours | None
    gap: timedelta
    hours: CountyHours | None = field(default=None, compare=False)
    """Opening hours of stations; without them, reminders are sent at any time."""
    no_calls: QuietHours | None = None
    """Hours without calls that are not urgent, in the recipient's time; None for no limit."""


@dataclass(frozen=True, slots=True)
class Pause:
    """The verdict to hold a delivery until a time (UTC), with its reason."""

    until: datetime
    why: Hold


def county_defaults(settings: Settings) -> CountyDefaults:
    """Return the defaults that the settings give. Raises CalendarError."""
    gap = timedelta(minutes=settings.message_gap_minutes)
    quiet, hours = _window(settings.quiet_hours), settings.read_county_hours()
    return CountyDefaults(settings.zone, quiet, gap, hours, _outside(settings.call_hours))


def pause(
    telling: DeliveryPreferences,
    county: CountyDefaults,
    notification: Notification,
    channel: ChannelKind,
    now: datetime,
    last_sent: datetime | None,
) -> Pause | None:
    """Return how long a delivery waits, and why; None if it may be sent now.

    The latest end of snooze, gap and quiet hours counts; a wait that would end within quiet hours
    lasts until they end. Calls also wait for the hours of calls. `why` names the one that decides.
    The inbox makes no sound and is never held, nor are urgent messages and webhooks. Stations wait
    only for their own quiet hours and snooze, employers for the county's quiet hours as well.
    """
    # A code by telephone may call a stranger, so nobody is woken for it.
    code_call = channel is ChannelKind.VOICE and notification.kind is NotificationKind.ADDRESS_CODE
    is_urgent = urgent(notification) and not code_call
    if channel is ChannelKind.INBOX or is_urgent or _is_webhook(notification):
        return None
    now = now.astimezone(UTC)
    is_person = notification.recipient.kind in STOPPABLE
    held = _snooze(telling, now)
    if is_person and last_sent is not None:
        held = _later(held, Pause(last_sent.astimezone(UTC) + county.gap, Hold.THROTTLE), now)
    quiet = telling.quiet_hours or (county.quiet if is_person else None)
    if quiet is not None:
        end = _quiet_end(quiet, _zone(telling, county), held.until if held else now)
        held = _later(held, Pause(end, Hold.QUIET), now)
    if channel is ChannelKind.VOICE:
        end = _calls_from(quiet, county, telling, held.until if held else now)
        held = _later(held, Pause(end, Hold.QUIET), now)
    return held


def until_open(
    held: Pause | None,
    county: CountyDefaults,
    notification: Notification,
    channel: ChannelKind,
    stated: tuple[OpeningHours, ...],
    now: datetime,
) -> Pause | None:
    """Return the pause of a reminder to a station: at least until the station is open.

    `held` is the pause for other reasons, `stated` the station's own opening hours. A station that
    is closed for years is reminded at once.
    """
    reminds = notification.kind in REMINDERS and channel is not ChannelKind.INBOX
    if county.hours is None or not reminds:
        return held
    earliest = (held.until if held else now).astimezone(UTC)
    try:
        opens = next_open(earliest, county.hours.stated(stated))
    except NoOpenTime:
        return held
    return Pause(opens, Hold.QUIET) if opens > earliest else held


def digest_slot(
    telling: DeliveryPreferences,
    county: CountyDefaults,
    notification: Notification,
    channel: ChannelKind,
    created: datetime,
) -> datetime | None:
    """Return the first slot of the recipient's digest after `created`; None without a digest.

    A notification that waits for a digest gets the time of a daily one without any.
    Slots are fixed and independent: all notifications of a period get the same slot, and a repeat
    with the same `created` gets it too. A time that the clock skips is replaced by the time at
    which it resumes; of a time that occurs twice, the first counts.
    """
    gathered = notification.kind in DIGESTIBLE and not urgent(notification)
    if channel is ChannelKind.INBOX or not gathered or not _is_worker(notification):
        return None
    zone, created = _zone(telling, county), created.astimezone(UTC)
    match telling.digest.pace:
        case Pace.INSTANT if notification.in_digest:
            daily = telling.digest.model_copy(update={"pace": Pace.DAILY})
            return _next_day(daily, zone, created)
        case Pace.INSTANT:
            return None
        case Pace.HOURLY:
            return _next_hour(zone, created)
        case Pace.DAILY | Pace.WEEKLY:
            return _next_day(telling.digest, zone, created)


def quiet_until(
    telling: DeliveryPreferences,
    county: CountyDefaults,
    moment: datetime,
    channel: ChannelKind = ChannelKind.SMS,
) -> datetime:
    """Return the first time from this one on outside quiet hours, the county's by default.

    For calls it is within the hours of calls as well.
    """
    quiet = telling.quiet_hours or county.quiet
    if channel is ChannelKind.VOICE:
        return _calls_from(quiet, county, telling, moment)
    return _quiet_end(quiet, _zone(telling, county), moment) if quiet is not None else moment


def channels_for(
    telling: DeliveryPreferences, kind: NotificationKind, channels: Sequence[Channel]
) -> tuple[tuple[Channel, ...], tuple[Channel, ...]]:
    """Return (chosen, further): the channels used at once, and those that take over if unread.

    Chosen are the channels that the recipient listed for this kind and has, in that order; without
    any, the inbox and the first other channel. An empty list means the inbox alone. The inbox is
    always chosen. Of several channels of a kind the first counts.
    """
    had = _first_of_each(channels)
    usual = (ChannelKind.INBOX, *[each for each in had if each is not ChannelKind.INBOX][:1])
    listed = telling.channels_by_kind.get(kind, usual)
    wanted = [each for each in dict.fromkeys(listed) if each in had]
    if listed and not wanted:
        wanted = list(usual)
    if ChannelKind.INBOX not in wanted:
        wanted.insert(0, ChannelKind.INBOX)
    further = tuple(channel for each, channel in had.items() if each not in wanted)
    return tuple(had[each] for each in wanted), further


def _window(text: str) -> QuietHours | None:
    """Return `22:00-07:00` as quiet hours; None for an empty text."""
    if not text:
        return None
    begins, _, ends = text.partition("-")
    return QuietHours(begins=time.fromisoformat(begins), ends=time.fromisoformat(ends))


def _outside(text: str) -> QuietHours | None:
    """Return the hours outside `09:00-20:00`; None for an empty text."""
    within = _window(text)
    return QuietHours(begins=within.ends, ends=within.begins) if within is not None else None


def _calls_from(
    quiet: QuietHours | None,
    county: CountyDefaults,
    telling: DeliveryPreferences,
    moment: datetime,
) -> datetime:
    """Return the first time from this one on within the hours of calls and outside quiet hours.

    If the two leave no time, quiet hours decide.
    """
    zone = _zone(telling, county)
    for _ in range(2):
        moment = _quiet_end(county.no_calls, zone, moment) if county.no_calls else moment
        moment = _quiet_end(quiet, zone, moment) if quiet is not None else moment
    return moment


def _is_worker(notification: Notification) -> bool:
    return notification.recipient.kind is RecipientKind.WORKER


def _is_webhook(notification: Notification) -> bool:
    return notification.recipient.kind is RecipientKind.WEBHOOK


def _zone(telling: DeliveryPreferences, county: CountyDefaults) -> ZoneInfo:
    return ZoneInfo(telling.time_zone) if telling.time_zone else county.zone


def _snooze(telling: DeliveryPreferences, now: datetime) -> Pause | None:
    until = telling.snoozed_until
    if until is None or until <= now:
        return None
    return Pause(min(until, FOREVER).astimezone(UTC), Hold.SNOOZE)


def _later(held: Pause | None, other: Pause, now: datetime) -> Pause | None:
    """Return the longer of two pauses; `held` on a tie and if `other` is over."""
    return other if other.until > (held.until if held else now) else held


def _quiet_end(quiet: QuietHours, zone: ZoneInfo, moment: datetime) -> datetime:
    """Return the first time from this one on at which the local clock is outside quiet hours."""
    begins = _since_midnight(quiet.begins)
    length = (_since_midnight(quiet.ends) - begins) % DAY

    def left(local: datetime) -> timedelta:
        return max(length - (_since_midnight(local.time()) - begins) % DAY, NOTHING)

    return _reached(zone, moment, left)


def _next_hour(zone: ZoneInfo, created: datetime) -> datetime:
    """Return the first time after `created` at which the local clock shows a full hour."""

    def left(local: datetime) -> timedelta:
        return -_since_midnight(local.time()) % HOUR

    return _reached(zone, created + timedelta.resolution, left)


def _next_day(digest: Digest, zone: ZoneInfo, created: datetime) -> datetime:
    """Return the first time after `created` that is `at` on a day of the digest."""
    today = created.astimezone(zone).date()
    days = [today + number * DAY for number in range(8)]
    if digest.pace is Pace.WEEKLY:
        days = [day for day in days if day.isoweekday() == digest.weekday]
    slots = (first_at(day, digest.at, zone) for day in days)
    return next(slot for slot in slots if slot > created)


def _reached(zone: ZoneInfo, moment: datetime, left: Callable[[datetime], timedelta]) -> datetime:
    """Return the first time from this one on at which `left` on the local clock is zero."""
    while to_go := left(moment.astimezone(zone)):
        # The clock runs evenly up to its next change, and is read again there.
        moment = clock_change(zone, moment, moment + to_go) or moment + to_go
    return moment


def _since_midnight(clock: time) -> timedelta:
    return timedelta(
        hours=clock.hour,
        minutes=clock.minute,
        seconds=clock.second,
        microseconds=clock.microsecond,
    )


def _first_of_each(channels: Sequence[Channel]) -> dict[ChannelKind, Channel]:
    """Return the first channel of each kind in the recipient's order; everybody has an inbox."""
    had: dict[ChannelKind, Channel] = {}
    for each in channels:
        had.setdefault(each.kind, each)
    had.setdefault(ChannelKind.INBOX, Channel(kind=ChannelKind.INBOX))
    return had
