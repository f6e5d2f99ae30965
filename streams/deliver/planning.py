"""When and on which channels a notification is delivered, or why it is not: pure.

`plan` returns the deliveries of a new notification. `judge` decides on a due delivery by the
current state: send, hold or drop. `next_channel` names the channel that takes over when one fails
or the message stays unread.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from roost.contact.confirmed_channels import awaiting_confirmation, reachable_channels
from roost.contact.sign_in_codes import sign_in_telephone
from roost.events.notification import (
    CODES,
    PAIR_WITHDRAWN,
    Delivery,
    Hold,
    Notification,
    NotificationKind,
    RecipientKind,
)
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel
from roost.rules.holding import undone
from roost.rules.interview_news import (
    ABOUT_INTERVIEWS,
    interview_obstacle,
    interview_pending,
)
from roost.rules.request_states import request_obstacle, request_pending
from roost.rules.saved_search_news import search_obstacle
from roost.rules.sharing_news import SHARING_NEWS, sharing_obstacle, sharing_pending
from streams.deliver import employer_news, rows
from streams.deliver.contexts import Context
from streams.deliver.pauses import PAUSES, pause_obstacle, pause_pending
from streams.deliver.retries import of_use_until
from streams.deliver.timing import (
    CountyDefaults,
    Pause,
    channels_for,
    digest_slot,
    pause,
    until_open,
)

GOES_ON_UNREAD = frozenset(
    {
        NotificationKind.NEW_MATCH,
        NotificationKind.INTERVIEW_SET,
        NotificationKind.INTERVIEW_CANCELLED,
        NotificationKind.INTERVIEW_REMINDER,
        NotificationKind.OPENING_CLOSED,
        NotificationKind.REQUEST_ANSWERED,
        NotificationKind.STATION_MESSAGE,
        NotificationKind.SHARING_ASKED,
    }
)
"""Kinds that go to the next channel when they stay unread."""
COMPARED = ABOUT_INTERVIEWS - {NotificationKind.INTERVIEW_SET}
"""Kinds to a worker or a station that are sent only about the newest arrangement."""
RECIPIENT_ERASED = "the recipient is erased"
OF_NO_USE = "it is of no more use"
PATIENCE = timedelta(minutes=30)
"""The longest wait for a match that is published but not in the view yet."""
SHORTEST_RECHECK, LONGEST_RECHECK = timedelta(seconds=1), timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Go:
    """The verdict to send on a channel."""

    channel: Channel


@dataclass(frozen=True, slots=True)
class Drop:
    """The verdict not to send, with its reason."""

    why: str
    replan: bool = False
    """True to plan the notification again, on the recipient's current channels."""
    missed: bool = False
    """True if it should have been sent: then it fails, with a dead letter for a person."""


Verdict = Go | Pause | Drop


def plan(
    notification: Notification, context: Context, county: CountyDefaults, now: datetime
) -> list[Delivery]:
    """Return the deliveries of a notification, one for each chosen channel.

    One is always for the inbox or the webhook; a repeat of the notification is recognised by it.
    """
    kinds = [channel.kind for channel in channels_of(notification, context)[0]]
    if why_not := obstacle(notification, context):
        known_by = ChannelKind.INBOX if ChannelKind.INBOX in kinds else kinds[0]
        return rows.planned_together([rows.suppressed(notification, known_by, now, why_not)])
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
        return rows.inbox_entry(notification, channel, now)
    slot = digest_slot(context.telling, county, notification, channel, now)
    if slot is not None:
        return rows.waiting(notification, channel, now, slot, Hold.DIGEST)
    held = _pause(notification, channel, context, county, now, None)
    if held is not None:
        return rows.waiting(notification, channel, now, held.until, held.why)
    return rows.waiting(notification, channel, now, now)


def _pause(
    notification: Notification,
    channel: ChannelKind,
    context: Context,
    county: CountyDefaults,
    now: datetime,
    last_sent: datetime | None,
) -> Pause | None:
    held = pause(context.telling, county, notification, channel, now, last_sent)
    return until_open(held, county, notification, channel, context.opening_hours, now)


def judge(
    row: Delivery,
    context: Context,
    county: CountyDefaults,
    now: datetime,
    last_sent: datetime | None,
) -> Verdict:
    """Return the verdict on a due delivery."""
    notification = row.notification
    if why_not := obstacle(notification, context):
        return Drop(why_not)
    if awaited(notification, context):
        end = of_use_until(notification, context)
        return Drop(OF_NO_USE) if end is not None and now >= end else _wait_for_view(row, now)
    channels = usable(notification, context)
    channel = next((each for each in channels if each.kind is row.channel), None)
    if channel is None:
        return Drop("the recipient has no such channel any more", replan=True)
    end = of_use_until(notification, context)
    if end is not None and now >= end:
        return Drop(OF_NO_USE)
    if _is_further(row, context) and (context.read or _dealt_with(notification, context)):
        return Drop("read or dealt with meanwhile")
    held = _pause(notification, row.channel, context, county, now, last_sent)
    if held is None:
        return Go(channel)
    # It still is sent only if the message on the channel before it stays unread.
    return replace(held, why=Hold.UNREAD) if row.held_by is Hold.UNREAD else held


def obstacle(notification: Notification, context: Context) -> str:
    """Return why a notification is not delivered at all; empty if it may be."""
    if context.recipient is None:
        return RECIPIENT_ERASED
    if context.stopped:
        return "stopped by the recipient"
    if notification.kind in CODES:
        return "" if notification.channel else "it names no channel"
    if context.telling.muted or notification.kind.value in context.telling.muted_kinds:
        return "muted by the recipient"
    if notification.recipient.kind is RecipientKind.WEBHOOK and not context.recipient.get(
        "enabled", True
    ):
        return "the webhook is switched off"
    if has_text(notification):
        stored = context.notice is not None or context.message is not None
        what = "notice" if notification.notice_id else "message"
        return "" if stored or awaited(notification, context) else f"the {what} is erased"
    if notification.recipient.kind is RecipientKind.EMPLOYER:
        return employer_news.obstacle_of(notification, context)
    if notification.kind is NotificationKind.CANDIDATES_REQUESTED:
        return _obstacle_of_request(notification, context)
    if notification.kind is NotificationKind.SAVED_SEARCH:
        return search_obstacle(notification, context.search, context.opening, context.match)
    match = context.match or {}
    if context.opening is None or match.get("erased"):
        return "the opening or the match is erased"
    if awaited(notification, context):
        return ""
    if notification.kind is NotificationKind.NEW_MATCH and not match.get("active"):
        return PAIR_WITHDRAWN
    if why_not := pause_obstacle(notification, match):
        return why_not
    if undone(notification, match.get("fact", {})):
        return "the event was undone"
    if notification.kind in SHARING_NEWS:
        return sharing_obstacle(notification, match.get("fact", {}))
    if notification.kind in COMPARED:
        return interview_obstacle(notification, match.get("fact", {}))
    return ""


def _obstacle_of_request(notification: Notification, context: Context) -> str:
    if context.opening is None:
        return "the opening is erased"
    if awaited(notification, context):
        return ""
    return request_obstacle(notification, context.request)


def has_text(notification: Notification) -> bool:
    """Return whether it carries a text that people wrote: a notice, or a station's message."""
    return notification.notice_id is not None or notification.conversation_message_id is not None


def awaited(notification: Notification, context: Context) -> bool:
    """Return whether the view lags behind the match or text: both are published first."""
    if has_text(notification):
        return context.text_pending
    if notification.kind is NotificationKind.ADDRESS_CODE:
        return awaiting_confirmation(context.unconfirmed, _code_channel(notification)) is None
    if notification.recipient.kind is RecipientKind.EMPLOYER:
        return employer_news.cause_is_pending(notification, context)
    if notification.kind is NotificationKind.CANDIDATES_REQUESTED:
        return request_pending(notification, context.request)
    if notification.match_id is None:
        return False
    if context.match is None:
        return True
    if notification.kind in PAUSES:
        return pause_pending(notification, context.match)
    if notification.kind in SHARING_NEWS:
        return sharing_pending(notification, context.match.get("fact", {}))
    if notification.kind in COMPARED:
        return interview_pending(notification, context.match.get("fact", {}))
    new = notification.kind is NotificationKind.NEW_MATCH
    return bool(new and context.match.get("fact", {}).get("round", 1) < notification.version)


def channels_of(
    notification: Notification, context: Context
) -> tuple[tuple[Channel, ...], tuple[Channel, ...]]:
    """Return the channels to start with and those that take over, in order."""
    if notification.recipient.kind is RecipientKind.WEBHOOK:
        return context.channels, ()
    if notification.kind in CODES:
        # The view may not show the address yet; `judge` looks it up.
        kind = _code_channel(notification)
        return (Channel.model_construct(kind=kind, address="", confirmed=False),), ()
    return channels_for(context.telling, notification.kind, context.channels)


def usable(notification: Notification, context: Context) -> tuple[Channel, ...]:
    """Return the channels that a notification may be sent on.

    The code of an address goes to unconfirmed addresses alone, everything else to confirmed ones
    alone, and the code of a sign-in to the telephone of sign-ins.
    """
    if notification.kind is NotificationKind.ADDRESS_CODE:
        return context.unconfirmed
    reachable = reachable_channels(context.channels)
    if notification.kind is NotificationKind.SIGN_IN_CODE:
        number = sign_in_telephone(reachable)
        return tuple(each for each in reachable if each.address == number)
    return reachable


def _code_channel(notification: Notification) -> ChannelKind:
    return notification.channel or ChannelKind.INBOX


def next_channel(row: Delivery, context: Context) -> ChannelKind | None:
    """Return the channel that takes over from this one; None after the last."""
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
    """Return whether another channel takes over if this delivery stays unread."""
    worker = row.notification.recipient.kind is RecipientKind.WORKER
    return worker and row.notification.kind in GOES_ON_UNREAD


def _wait_for_view(row: Delivery, now: datetime) -> Verdict:
    """Hold at ever longer intervals, up to `PATIENCE`; then drop."""
    attempts = (step.at for step in row.history if step.why.startswith(Hold.RETRY.value))
    waited = now - next(attempts, now)
    if waited >= PATIENCE:
        if has_text(row.notification):
            what = "message" if _is_message(row) else "notice"
            return Drop(f"the {what} did not come into the view", missed=_is_message(row))
        about = "match" if row.notification.match_id is not None else "event"
        return Drop(f"the {about} did not come into the view", missed=True)
    return Pause(now + min(max(waited, SHORTEST_RECHECK), LONGEST_RECHECK), Hold.RETRY)


def _is_message(row: Delivery) -> bool:
    """Return whether a clerk waits for the delivery: if it is missed, a person has to see that."""
    return row.notification.conversation_message_id is not None


def _is_further(row: Delivery, context: Context) -> bool:
    """Return whether another channel came before it, whatever held it since."""
    _, further = channels_of(row.notification, context)
    return row.held_by is Hold.UNREAD or row.channel in {each.kind for each in further}


def _dealt_with(notification: Notification, context: Context) -> bool:
    """Return whether somebody works on a new match already: it needs no second message."""
    if notification.kind is not NotificationKind.NEW_MATCH or context.match is None:
        return False
    return bool(context.match.get("fact", {}).get("state") != "proposed")
