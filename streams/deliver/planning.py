"""When and where a notification is told, or why not: pure.

`plan` makes the deliveries of a new notification. `judge` looks at a delivery that is due, on what
holds at that moment: to go, to wait on, or to be let be. `next_channel` is where it goes when a
channel fails or stays unread.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from roost.events.notification import (
    Delivery,
    Hold,
    Notification,
    NotificationKind,
    RecipientKind,
)
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel
from roost.rules.holding import undone
from streams.deliver import rows
from streams.deliver.contexts import Context
from streams.deliver.timing import CountyDefaults, Pause, channels_for, digest_slot, pause

GOES_ON_UNREAD = frozenset(
    {
        NotificationKind.NEW_MATCH,
        NotificationKind.INTERVIEW_SET,
        NotificationKind.OPENING_CLOSED,
        NotificationKind.REQUEST_ANSWERED,
    }
)
"""Kinds that go to the next channel when they stay unread."""


RECIPIENT_ERASED = "the recipient is erased"
PATIENCE = timedelta(minutes=30)
"""How long a match is waited for that has been said and does not stand in the view yet."""
SHORTEST_LOOK, LONGEST_LOOK = timedelta(seconds=1), timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Go:
    channel: Channel


@dataclass(frozen=True, slots=True)
class Drop:
    why: str
    anew: bool = False
    """Whether it is to be planned anew, on the channels that there are now."""
    missed: bool = False
    """Whether it ought to have been told: then it fails, and a person is shown it."""


Verdict = Go | Pause | Drop


def plan(
    notification: Notification, context: Context, county: CountyDefaults, now: datetime
) -> list[Delivery]:
    """The deliveries of a notification, one for each chosen channel.

    There is always one for the inbox, or for the webhook: by it a repeat is known as one.
    """
    kinds = [channel.kind for channel in channels_of(notification, context)[0]]
    if why_not := obstacle(notification, context):
        known_by = ChannelKind.INBOX if ChannelKind.INBOX in kinds else kinds[0]
        return rows.planned_together([rows.never(notification, known_by, now, why_not)])
    return rows.planned_together(
        [_planned(notification, kind, context, county, now) for kind in kinds]
    )


def _planned(
    notification: Notification,
    channel: ChannelKind,
    context: Context,
    county: CountyDefaults,
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
    row: Delivery,
    context: Context,
    county: CountyDefaults,
    now: datetime,
    last_sent: datetime | None,
) -> Verdict:
    """What becomes of a delivery that is due."""
    notification = row.notification
    if why_not := obstacle(notification, context):
        return Drop(why_not)
    if awaited(notification, context):
        return _until_it_stands(row, now)
    channel = next((each for each in context.channels if each.kind is row.channel), None)
    if channel is None:
        return Drop("the recipient has no such channel any more", anew=True)
    if _is_further(row, context) and (context.read or _dealt_with(notification, context)):
        return Drop("read or dealt with meanwhile")
    held = pause(context.telling, county, notification, row.channel, now, last_sent)
    if held is None:
        return Go(channel)
    # It still goes out only when the channel before it stays unread.
    return replace(held, why=Hold.UNREAD) if row.held_by is Hold.UNREAD else held


def obstacle(notification: Notification, context: Context) -> str:
    """Why a notification is not told at all; empty when it may be."""
    if context.recipient is None:
        return RECIPIENT_ERASED
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
    match = context.match or {}
    if context.opening is None or match.get("erased"):
        return "the opening or the match is erased"
    if awaited(notification, context):
        return ""
    if notification.kind is NotificationKind.NEW_MATCH and not match["active"]:
        return "the match no longer holds"
    if undone(notification, match.get("fact", {})):
        return "what it tells was undone"
    return ""


def awaited(notification: Notification, context: Context) -> bool:
    """Whether the view is behind what is told: the queue stage says a match, then writes it."""
    if notification.match_id is None:
        return False
    if context.match is None:
        return True
    new = notification.kind is NotificationKind.NEW_MATCH
    return bool(new and context.match.get("fact", {}).get("round", 1) < notification.version)


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


def _until_it_stands(row: Delivery, now: datetime) -> Verdict:
    """Looks again at ever longer intervals, up to the end of patience."""
    looked = (step.at for step in row.history if step.why.startswith(Hold.RETRY.value))
    waited = now - next(looked, now)
    if waited >= PATIENCE:
        return Drop("the match did not come into the view", missed=True)
    return Pause(now + min(max(waited, SHORTEST_LOOK), LONGEST_LOOK), Hold.RETRY)


def _is_further(row: Delivery, context: Context) -> bool:
    """Whether another channel came before it, whatever has held it since."""
    _, further = channels_of(row.notification, context)
    return row.held_by is Hold.UNREAD or row.channel in {each.kind for each in further}


def _dealt_with(notification: Notification, context: Context) -> bool:
    """A new match that somebody works on already needs no second message."""
    if notification.kind is not NotificationKind.NEW_MATCH or context.match is None:
        return False
    return bool(context.match.get("fact", {}).get("state") != "proposed")
