"""When a delivery that failed is tried again, and until when its message is of use: pure.

| channel | waits after the 1st, 2nd … attempt |
|---|---|
| webhook | 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h: over three days |
| e-mail | 10 s, 1 min, 5 min, 30 min, 2 h, 5 h, 10 h, 24 h |
| SMS | 10 s, 1 min, 5 min, 30 min, 2 h, 6 h, 12 h, never within quiet hours |
| WeCom, DingTalk, Feishu, WeChat | 10 s, 1 min, 5 min, 30 min, 2 h, 6 h, 12 h |
| calls | 5 min, 30 min, 2 h, 6 h, 12 h, within the hours of calls and never within quiet hours |

Jitter lengthens each wait by up to a fifth. A receiver's Retry-After lengthens it as well, up to a
day. After the last attempt, or when the message would be of no more use, the delivery fails and the
next channel takes over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from types import MappingProxyType

from roost.contact.end_of_use import end_of_use
from roost.events.notification import Notification, NotificationKind, RecipientKind
from roost.events.preferences import ChannelKind
from roost.rules.interview_news import ABOUT_INTERVIEWS
from streams.deliver.contexts import Context
from streams.deliver.timing import CountyDefaults, quiet_until

JITTER = 0.2
AUDIBLE = frozenset({ChannelKind.SMS, ChannelKind.VOICE})
"""Channels that make a sound at night, for which no retry is urgent enough."""
LONGEST_RETRY_AFTER = timedelta(days=1)


def _waits(*texts: str) -> tuple[timedelta, ...]:
    units = {"s": 1, "m": 60, "h": 3_600}
    return tuple(timedelta(seconds=int(each[:-1]) * units[each[-1]]) for each in texts)


_PEOPLE = _waits("10s", "1m", "5m", "30m", "2h", "6h", "12h")
SCHEDULES: Mapping[ChannelKind, tuple[timedelta, ...]] = MappingProxyType(
    {
        ChannelKind.INBOX: (),
        ChannelKind.SMS: _PEOPLE,
        ChannelKind.EMAIL: _waits("10s", "1m", "5m", "30m", "2h", "5h", "10h", "24h"),
        ChannelKind.WECOM: _PEOPLE,
        ChannelKind.DINGTALK: _PEOPLE,
        ChannelKind.FEISHU: _PEOPLE,
        ChannelKind.WECHAT: _PEOPLE,
        ChannelKind.VOICE: _waits("5m", "30m", "2h", "6h", "12h"),
        ChannelKind.WEBHOOK: _waits("5s", "5m", "30m", "2h", "5h", "10h", "14h", "20h", "24h"),
    }
)
"""Waits between the attempts on each kind of channel. Source: Standard Webhooks, for webhooks."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed attempt: its channel, its number, and the wait that the receiver asked for."""

    channel: ChannelKind
    attempts: int
    retry_after: timedelta | None = None


def next_attempt(
    failure: Failure,
    notifications: Sequence[tuple[Notification, Context]],
    county: CountyDefaults,
    now: datetime,
    most: int,
    random: Random,
) -> datetime | None:
    """Return when a message is tried again; None if it has failed for good.

    `notifications` are those of the message, with their contexts; `most` bounds the attempts.
    """
    wait = wait_after(failure.channel, failure.attempts, random)
    if wait is None or failure.attempts >= most:
        return None
    if failure.retry_after is not None:
        wait = max(wait, min(failure.retry_after, LONGEST_RETRY_AFTER))
    at = now + wait
    if failure.channel in AUDIBLE:
        at = quiet_until(notifications[0][1].telling, county, at, failure.channel)
    ends = [of_use_until(each, known) for each, known in notifications]
    known_ends = [end for end in ends if end is not None]
    return None if len(known_ends) == len(ends) and at >= max(known_ends) else at


def wait_after(channel: ChannelKind, attempts: int, random: Random) -> timedelta | None:
    """Return the wait after this many attempts, with jitter; None after the last."""
    schedule = SCHEDULES[channel]
    if attempts > len(schedule):
        return None
    return schedule[max(attempts, 1) - 1] * random.uniform(1.0, 1.0 + JITTER)


def of_use_until(notification: Notification, context: Context) -> datetime | None:
    """Return when a message to a person is of no more use; None for a webhook.

    A webhook's schedule ends by itself, and its owner may ask for a delivery again at any time.
    """
    if notification.recipient.kind is RecipientKind.WEBHOOK:
        return None
    if notification.kind in ABOUT_INTERVIEWS:
        interview = ((context.match or {}).get("fact") or {}).get("interviewAt")
        return datetime.fromisoformat(interview) if interview else end_of_use(notification)
    if notification.kind is NotificationKind.SHARING_ASKED:
        until = ((context.match or {}).get("fact") or {}).get("answerBy")
        return datetime.fromisoformat(until) if until else end_of_use(notification)
    return end_of_use(notification)
