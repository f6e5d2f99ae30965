"""Places at interview slots: who holds one, who gets one, and the effects of a changed slot. Pure.

A match holds a place while it is `interviewed` by a booking. So a place is free again when the
match ends, the interview is arranged otherwise, or the booking is undone. The queue stage decides
on all bookings of an opening in order and counts here after each of them: no slot is overbooked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from roost.events.interview_slot import InterviewSlot
from roost.events.match import (
    ActionKind,
    Booking,
    ChangeKind,
    Match,
    MatchAction,
    MatchChange,
    MatchProgress,
    MatchState,
    WhyNot,
)
from roost.ids import opening_of_slot
from roost.kafka.incoming import Fact
from roost.topics import SLOTS
from roost.views.answers import Write
from streams.queue.lifecycle import CHANGES
from streams.views.projections import VIEW_OF, erased_write

BOOKED = {
    "interview_at": None,
    "interview_by": None,
    "interviewed_at": None,
    "booking": None,
}
"""Fields of a match that end with its place at a slot."""


@dataclass(frozen=True, slots=True)
class SlotChange:
    """A slot was offered, edited or cancelled; the view has its current version by then."""

    slot_id: str
    opening_id: str
    at: datetime


class SlotBook:
    """The slots of a batch and the matches with a place at each, as the batch decides on them."""

    def __init__(
        self,
        slots: Mapping[str, InterviewSlot] | None = None,
        matches: Iterable[Match | None] = (),
    ) -> None:
        self._slots = dict(slots or {})
        self._holders: dict[str, set[str]] = {}
        for match in matches:
            self.note(None, match)

    def slot(self, slot_id: str) -> InterviewSlot | None:
        """Return a slot; None if it is cancelled or unknown."""
        return self._slots.get(slot_id)

    def holders(self, slot_id: str) -> Sequence[str]:
        """Return the ids of the matches with a place at a slot, in order."""
        return sorted(self._holders.get(slot_id, ()))

    def note(self, before: Match | None, after: Match | None) -> None:
        """Count a change of a match."""
        if before is not None and before.slot_id is not None:
            self._holders.get(before.slot_id, set()).discard(before.id)
        if after is not None and after.slot_id is not None:
            self._holders.setdefault(after.slot_id, set()).add(after.id)

    def refusal(self, match: Match, slot_id: str | None, at: datetime) -> WhyNot | None:
        """Return why a match gets no place at a slot; None if it does."""
        slot = self._slots.get(slot_id or "")
        if slot is None or slot.opening_id != match.opening_id or slot.at <= at:
            return WhyNot.SLOT_GONE
        if match.slot_id == slot.id:
            return WhyNot.ALREADY
        return None if self._has_room(slot, match.id) else WhyNot.SLOT_FULL

    def booked(self, action: MatchAction) -> dict[str, object]:
        """Return the fields that an accepted booking sets."""
        assert action.kind is ActionKind.BOOK
        return _fields_at(self._slots[action.slot_id or ""]) | {"interviewed_at": action.at}

    def restored(self, match: Match, before: MatchProgress, at: datetime) -> dict[str, object]:
        """Return the fields that an undo cannot restore as they were: the place at a slot.

        The slot may be full, cancelled or moved meanwhile. Without its place the match goes back to
        the step before the interview.
        """
        if before.booking is None or before.state is not MatchState.INTERVIEWED:
            return {}
        slot = self._slots.get(before.booking.slot_id)
        if slot is None or slot.at <= at or not self._has_room(slot, match.id):
            return _without_place(before.referred_at)
        return _fields_at(slot)

    def _has_room(self, slot: InterviewSlot, match_id: str) -> bool:
        others = self._holders.get(slot.id, set()) - {match_id}
        return len(others) < slot.places


def follow_slot(match: Match, slot: InterviewSlot | None, at: datetime) -> Match | None:
    """Return a match with a place at a slot after the slot's change; None if it stays as it is.

    `slot` is None once it is cancelled. An interview that took place before that is not cancelled.
    """
    booking = match.booking
    if match.slot_id is None or booking is None:
        return None
    changed_at = max(match.changed_at, at)
    if slot is None:
        if match.interview_at is not None and match.interview_at <= at:
            return None
        change = MatchChange(kind=ChangeKind.SLOT_CANCELLED, at=changed_at)
        return _followed(match, change, _without_place(match.referred_at))
    if booking.arranged_at == slot.arranged_at:
        return None
    change = MatchChange(kind=ChangeKind.SLOT_MOVED, at=changed_at, actor=slot.changed_by)
    arranged = {"interviewed_at": changed_at, "interviews": match.interviews + 1}
    return _followed(match, change, _fields_at(slot) | arranged)


def slot_changes(facts: Sequence[Fact[Any]]) -> list[SlotChange]:
    """Return the changes of slots in a batch, the newest of each slot."""
    newest = {fact.key: fact for fact in facts if fact.origin.topic is SLOTS}
    return [SlotChange(key, opening_of_slot(key), fact.origin.at) for key, fact in newest.items()]


def project_slots(facts: Sequence[Fact[Any]]) -> list[Write]:
    """Return the document of each fact of `slots`; a tombstone gives an erased document."""
    return [
        erased_write(VIEW_OF[SLOTS], fact.key, fact.version)
        if fact.event is None
        else Write(
            VIEW_OF[SLOTS],
            fact.key,
            fact.version,
            {
                "id": fact.key,
                "version": fact.version,
                "at": fact.event.at.isoformat(),
                "opening_id": fact.event.opening_id,
                "fact": fact.event.to_dict(),
            },
        )
        for fact in facts
    ]


def _followed(match: Match, change: MatchChange, fields: Mapping[str, object]) -> Match:
    return match.model_copy(
        update={
            **fields,
            "undoable": None,
            "changes": (*match.changes, change)[-CHANGES:],
            "changed_at": change.at,
            "caused_at": change.at,
            "revision": match.revision + 1,
        }
    )


def _fields_at(slot: InterviewSlot) -> dict[str, object]:
    return {
        "interview_at": slot.at,
        "interview_by": slot.by,
        "booking": Booking(slot_id=slot.id, arranged_at=slot.arranged_at),
    }


def _without_place(referred_at: datetime | None) -> dict[str, object]:
    state = MatchState.CONTACTED if referred_at is None else MatchState.REFERRED
    return {"state": state, **BOOKED}
