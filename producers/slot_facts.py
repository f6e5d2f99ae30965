"""Facts of interview slots: offered, edited, cancelled. Pure."""

from __future__ import annotations

from datetime import datetime

from producers.facts import API
from roost.events.envelope import Record, record, tombstone
from roost.events.interview_slot import InterviewSlot, SlotContent
from roost.events.match import Actor
from roost.ids import opening_of_slot
from roost.topics import SLOTS


def slot_put(
    id: str, content: SlotContent, stored: InterviewSlot | None, *, by: Actor, at: datetime
) -> Record:
    """Record a slot with this content; another number of places alone moves nobody's interview."""
    arranged_at = at if stored is None or _is_moved(stored, content) else stored.arranged_at
    slot = InterviewSlot.from_content(
        content,
        id=id,
        opening_id=opening_of_slot(id),
        arranged_at=arranged_at,
        changed_by=by,
    )
    return record(slot, id, source=API, at=at)


def slot_repeated(stored: InterviewSlot) -> Record:
    """Return the record of a stored slot, for a repeat that changes nothing."""
    return record(stored, stored.id, source=API, at=stored.arranged_at)


def slot_cancelled(id: str, *, at: datetime) -> Record:
    """Record the end of a slot; its text is erased."""
    return tombstone(SLOTS, id, source=API, at=at)


def _is_moved(stored: InterviewSlot, content: SlotContent) -> bool:
    details = (stored.interview, content.interview)
    now, before = ((None if each is None or each.is_empty else each) for each in details)
    return (stored.at, stored.by, before) != (content.at, content.by, now)
