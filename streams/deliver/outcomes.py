"""The recording of attempts, together with the channels that take over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from roost.events.notification import Delivery, DeliveryStatus, Hold
from streams.deliver import rows
from streams.deliver.contexts import Context
from streams.deliver.ledger import Ledger
from streams.deliver.messages import MessageGroup
from streams.deliver.planning import goes_on_unread, next_channel


async def record_outcomes(
    ledger: Ledger,
    groups: Sequence[MessageGroup],
    ended: Sequence[Delivery],
    now: datetime,
    unread_after: timedelta,
) -> list[Delivery]:
    """Record the rows after their attempt; return those whose outcome is in the ledger.

    The rows of the channels that take over are recorded first, so a kill loses neither. If a
    receipt changed a row during the attempt, the outcome is recorded on top of the receipt.
    """
    contexts = {
        row.id: context
        for group in groups
        for row, context in zip(group.rows, group.contexts, strict=True)
    }
    further = await ledger.unknown(successors(ended, contexts, now, unread_after))
    kept = {row.id: row for row in await ledger.record([*further, *ended])}
    leases = {row.id: row.lease_until for group in groups for row in group.rows}
    lost = [row for row in ended if row.id not in kept]
    while lost:
        current = await ledger.rows(row.id for row in lost)
        lost = [
            rows.outcome_upon(current[row.id], row)
            for row in lost
            if current[row.id].status is DeliveryStatus.SENDING
            and current[row.id].lease_until == leases[row.id]
        ]
        kept |= {row.id: row for row in await ledger.record(lost)}
        lost = [row for row in lost if row.id not in kept]
    return [kept[row.id] for row in ended if row.id in kept]


def successors(
    ended: Sequence[Delivery],
    contexts: dict[str, Context],
    now: datetime,
    unread_after: timedelta,
) -> list[Delivery]:
    """Return rows for the next channel: at once after a failure, later if it may stay unread."""
    made = []
    for row in ended:
        channel = next_channel(row, contexts[row.id])
        if channel is None:
            continue
        if row.status is DeliveryStatus.FAILED:
            made.append(rows.waiting(row.notification, channel, now, now))
        elif row.status is DeliveryStatus.SENT and goes_on_unread(row):
            due = now + unread_after
            made.append(rows.waiting(row.notification, channel, now, due, Hold.UNREAD))
    return made
