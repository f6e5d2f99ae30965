"""Interview slots (面试时段): times at which an employer sees candidates for an opening.

The queue stage decides who gets a place at a slot: a booking is part of the match, never of the
slot. The fact holds the text for the candidates (place, contact, documents), so the topic is
compacted, and the tombstone that cancels a slot erases it.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, Field

from roost.events.common import Model, OpeningId, SlotId
from roost.events.match import Actor, InterviewBy
from roost.events.note import InterviewDetails

MOST_PEOPLE = 30
"""Most people at one slot."""


class SlotContent(Model):
    """Content of a slot, as it is offered or edited."""

    at: AwareDatetime = Field(description="time at which the interviews begin")
    by: InterviewBy = InterviewBy.IN_PERSON
    places: Annotated[int, Field(ge=1, le=MOST_PEOPLE)] = Field(
        1, description="number of people who can choose it"
    )
    interview: InterviewDetails | None = Field(
        None, description="place, contact and documents; those who choose the slot are shown them"
    )


class InterviewSlot(SlotContent):
    """Slot as stored in the topic `slots`; it is offered until its time, or its tombstone."""

    id: SlotId
    opening_id: OpeningId
    arranged_at: AwareDatetime = Field(
        description="last change of time, format or details: bookings made before it are moved"
    )
    changed_by: Actor = Field(description="person who offered it, or changed it last")
