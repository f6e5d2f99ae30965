"""The claim of rows in the ledger, by compare-and-set, before they are sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from roost.events.notification import Delivery
from streams.deliver import rows
from streams.deliver.ledger import Ledger
from streams.deliver.messages import MessageGroup, new_id

LEASE = timedelta(seconds=60)
"""The time for which a claim excludes every other sender."""


async def claim_groups(
    ledger: Ledger, groups: Sequence[MessageGroup], now: datetime
) -> list[MessageGroup]:
    """Claim the rows of these messages; return the messages that this caller may send.

    The winner of a message's first row has the message, so of two senders that merged the same
    rows one sends it. A third may still have won some of its other rows and merged them likewise.
    Therefore a part of a new message gets a new id, and a part of a message that was tried
    before, whose id is fixed, is released: an id always covers the same rows.
    """
    won = await _claim(ledger, [(group.rows[0], group.id) for group in groups], now)
    groups = [group for group in groups if group.rows[0].id in won]
    others = [(row, group.id) for group in groups for row in group.rows[1:]]
    won |= await _claim(ledger, others, now)
    whole: list[MessageGroup] = []
    parts: list[MessageGroup] = []
    released: list[Delivery] = []
    for group in groups:
        left = group.only(won)
        if len(left.rows) == len(group.rows):
            whole.append(left)
        elif left.rows and group.rows[0].message_id is None:
            parts.append(replace(left, id=new_id(left.rows)))
        else:
            released += [rows.untried(row, now, now) for row in left.rows]
    await ledger.record(released)
    renamed = [rows.renamed(row, part.id, now) for part in parts for row in part.rows]
    kept = {row.id: row for row in await ledger.claim(renamed)}
    return [*whole, *(left for part in parts if (left := part.only(kept)).rows)]


async def _claim(
    ledger: Ledger, wanted: Sequence[tuple[Delivery, str]], now: datetime
) -> dict[str, Delivery]:
    """Claim rows for their message ids; return the rows that were won, by id."""
    claims = [rows.claimed(row, message_id, now, LEASE) for row, message_id in wanted]
    return {row.id: row for row in await ledger.claim(claims)}
