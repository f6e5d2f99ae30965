"""Delivery of a station's message to the worker, from the deliveries of its notification."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from api.conversations.schemas import DeliveryState
from roost import ids
from roost.events.conversation import ConversationMessage
from roost.events.notification import Delivery, DeliveryStatus
from roost.events.preferences import ChannelKind
from roost.rules.conversation_notices import message_notification_id
from roost.topics import DELIVERIES
from roost.views.elastic import Elastic

State = tuple[DeliveryState, ChannelKind | None]


async def delivery_states(
    elastic: Elastic, messages: Sequence[ConversationMessage]
) -> dict[str, State]:
    """Return the state of the delivery of each station's message, by its id."""
    keys = {
        (DELIVERIES.name, ids.delivery_id(message_notification_id(each), kind.value)): each.id
        for each in messages
        for kind in ChannelKind
    }
    found = await elastic.mget(list(keys), ("fact",))
    rows: dict[str, list[Delivery]] = {each.id: [] for each in messages}
    for key, document in found.items():
        if fact := document.get("fact"):
            rows[keys[key]].append(Delivery.from_stored(fact))
    return {id: state_of(each) for id, each in rows.items()}


def state_of(rows: Iterable[Delivery]) -> State:
    """Return the state that the deliveries of one message amount to, and its channel. Pure.

    A message that arrived on one channel is delivered, whatever became of the others. Without a
    delivery it has not been planned yet.
    """
    rows = list(rows)
    outside = [each for each in rows if each.channel is not ChannelKind.INBOX]
    sent = next((each for each in outside if each.status is DeliveryStatus.SENT), None)
    if sent is not None:
        return DeliveryState.DELIVERED, sent.channel
    pending = next((each for each in outside if not each.status.final), None)
    if not rows or pending is not None:
        return DeliveryState.QUEUED, pending.channel if pending else None
    failed = {DeliveryStatus.FAILED, DeliveryStatus.PARKED}
    lost = next((each for each in outside if each.status in failed), None)
    if lost is not None:
        return DeliveryState.FAILED, lost.channel
    in_inbox = any(each.status is DeliveryStatus.SENT for each in rows)
    return (DeliveryState.INBOX, ChannelKind.INBOX) if in_inbox else (DeliveryState.STOPPED, None)
