"""The grouping of rows into messages, and the ids of messages: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from roost import ids
from roost.events.notification import STOPPABLE, Delivery, Recipient, sent_alone
from roost.events.profile import Channel
from streams.deliver.contexts import Context


@dataclass(slots=True)
class MessageGroup:
    """The rows of one message, with the channel and the context of each."""

    id: str
    channel: Channel
    rows: list[Delivery]
    contexts: list[Context] = field(default_factory=list)
    charged: int = 0
    """Cost of the attempt in progress, in thousandths of a yuan; it is on the first row."""

    @property
    def recipient(self) -> Recipient:
        """The one recipient of all rows."""
        return self.rows[0].notification.recipient

    def only(self, current: Mapping[str, Delivery]) -> MessageGroup:
        """Return the group with only these rows, in their current version."""
        left = [
            (current[row.id], context)
            for row, context in zip(self.rows, self.contexts, strict=True)
            if row.id in current
        ]
        return MessageGroup(
            self.id, self.channel, [row for row, _ in left], [each for _, each in left]
        )


def message_mark(row: Delivery) -> str:
    """Return a mark that is equal for the rows of one message.

    Rows that were tried together stay together. Otherwise all rows due to a worker or an employer
    are merged, except those sent alone; rows to stations and webhooks go alone.
    """
    if row.message_id is not None:
        return row.message_id
    merged = row.notification.recipient.kind in STOPPABLE and not sent_alone(row.notification)
    return row.notification.recipient.id if merged else row.id


def group_by_message(going: Sequence[tuple[Delivery, Context, Channel]]) -> list[MessageGroup]:
    """Return one group per message.

    The id of a message with one row is its notification's; of several rows it is derived from
    their ids.
    """
    found: dict[str, list[tuple[Delivery, Context, Channel]]] = {}
    for each in going:
        found.setdefault(message_mark(each[0]), []).append(each)
    groups = []
    for parts in found.values():
        # The same order in every process: the winner of the first row has the message.
        parts.sort(key=lambda part: part[0].id)
        taken = [each[0] for each in parts]
        message_id = taken[0].message_id or new_id(taken)
        groups.append(MessageGroup(message_id, parts[0][2], taken, [each[1] for each in parts]))
    return groups


def split_batch(taken: Sequence[Delivery]) -> list[list[Delivery]]:
    """Return the rows of each message, or single rows of one message: each part is smaller."""
    parts: dict[str, list[Delivery]] = {}
    for row in taken:
        parts.setdefault(row.message_id or row.id, []).append(row)
    return list(parts.values()) if len(parts) > 1 else [[row] for row in taken]


def new_id(taken: Sequence[Delivery]) -> str:
    """Return the id of a message that was not tried yet."""
    if len(taken) == 1:
        return taken[0].notification.id
    return ids.derive("n", *sorted(row.id for row in taken))
