"""When and where a notification is told, or why not: pure.

`plan` makes the deliveries of a new notification. `judge` looks at a delivery that is due, on what
holds at that moment: to go, to wait on, or to be let be. `next_channel` is where it goes when a
channel fails or stays unread.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from roost.events.notification import (
    Delivery,
    Hold,
    Notification,
    NotificationKind,
    RecipientKind,
)
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel
from roost.holding import undone
from streams.deliver import rows
from streams.deliver.contexts import Context
from streams.deliver.timing import County, Pause, channels_for, digest_slot, pause

GOES_ON_UNREAD = frozenset(
    {
        NotificationKind.NEW_MATCH,
        NotificationKind.INTERVIEW_SET,
        NotificationKind.OPENING_CLOSED,
        NotificationKind.REQUEST_ANSWERED,
    }
)
"""Kinds that go to the next channel when they stay unread."""


@dataclass(frozen=True, slots=True)
class Go:
    channel: Channel


@dataclass(frozen=True, slots=True)
class LetBe:
    why: str
    anew: bool = False
    """Whether it is to be planned anew, on the channels that there are now."""


Verdict = Go | Pause | LetBe


def plan(
    notification: Notification, context: Context, county: County, now: datetime
) -> list[Delivery]:
    """The deliveries of a notification, one for each chosen channel."""
    chosen, _ = channels_of(notification, context)
    if why_not := obstacle(notification, context):
        return [rows.never(notification, chosen[0].kind, now, why_not)]
    return [_planned(notification, channel.kind, context, county, now) for channel in chosen]


def _planned(
    notification: Notification,
    channel: ChannelKind,
    context: Context,
    county: County,
    now: datetime,
) -> Delivery:
    if channel is ChannelKind.INBOX:
        return rows.told_at_once(notification, channel, now)
    slot = digest_slot(context.telling, county, notification, channel, now)
    if slot is not None:
        return rows.waiting(notification, channel, now, slot, Hold.DIGEST)
    held = pause(context.telling, county, notification, channel, now, None)
    if held is not None:
        return rows.waiting(notification, channel, now, held.until, held.why)
    return rows.waiting(notification, channel, now, now)


def judge(
    row: Delivery, context: Context, county: County, now: datetime, last_sent: datetime | None
) -> Verdict:
    """What becomes of a delivery that is due."""
    notification = row.notification
    if why_not := obstacle(notification, context):
        return LetBe(why_not)
    channel = next((each for each in context.channels if each.kind is row.channel), None)
    if channel is None:
        return LetBe("the recipient has no such channel any more", anew=True)
    if _is_further(row, context) and (context.read or _dealt_with(notification, context)):
        return LetBe("read or dealt with meanwhile")
    held = pause(context.telling, county, notification, row.channel, now, last_sent)
    if held is None:
        return Go(channel)
    # It still goes out only when the channel before it stays unread.
    return replace(held, why=Hold.UNREAD) if row.held_by is Hold.UNREAD else held


def obstacle(notification: Notification, context: Context) -> str:
    """Why a notification is not told at all; empty when it may be."""
    if context.recipient is None:
        return "the recipient is erased"
    if context.stopped:
        return "stopped by the recipient"
    if context.telling.muted or notification.kind.value in context.telling.muted_kinds:
        return "muted by the recipient"
    if notification.recipient.kind is RecipientKind.WEBHOOK and not context.recipient.get(
        "enabled", True
    ):
        return "the webhook is switched off"
    if notification.notice_id is not None:
        return "" if context.notice is not None else "the notice is erased"
    if context.opening is None or context.match is None or context.match.get("erased"):
        return "the opening or the match is erased"
    if notification.kind is NotificationKind.NEW_MATCH and not context.match["active"]:
        return "the match no longer holds"
    if undone(notification, context.match.get("fact", {})):
        return "what it tells was undone"
    return ""


def channels_of(
    notification: Notification, context: Context
) -> tuple[tuple[Channel, ...], tuple[Channel, ...]]:
    """The channels to tell it on, and those to go on to, in order."""
    if notification.recipient.kind is RecipientKind.WEBHOOK:
        return context.channels, ()
    return channels_for(context.telling, notification.kind, context.channels)


def next_channel(row: Delivery, context: Context) -> ChannelKind | None:
    """Where it goes when this channel has failed or stays unread; None when it was the last."""
    if row.channel is ChannelKind.INBOX:
        return None
    chosen, further = channels_of(row.notification, context)
    order = [each.kind for each in further]
    if row.channel in order:
        order = order[order.index(row.channel) + 1 :]
    elif row.channel not in {each.kind for each in chosen}:
        return None
    return order[0] if order else None


def goes_on_unread(row: Delivery) -> bool:
    worker = row.notification.recipient.kind is RecipientKind.WORKER
    return worker and row.notification.kind in GOES_ON_UNREAD


def _is_further(row: Delivery, context: Context) -> bool:
    """Whether another channel came before it, whatever has held it since."""
    _, further = channels_of(row.notification, context)
    return row.held_by is Hold.UNREAD or row.channel in {each.kind for each in further}


def _dealt_with(notification: Notification, context: Context) -> bool:
    """A new match that somebody works on already needs no second message."""
    if notification.kind is not NotificationKind.NEW_MATCH or context.match is None:
        return False
    return bool(context.match.get("fact", {}).get("state") != "proposed")
