"""Answers about interview slots."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import AwareDatetime, Field

from roost.events.common import Model, OpeningId, SlotId
from roost.events.match import InterviewBy
from roost.events.note import InterviewDetails


class SlotAnswer(Model):
    """An interview slot of an opening."""

    id: SlotId
    opening_id: OpeningId
    at: AwareDatetime
    by: InterviewBy
    free: int = Field(description="places that are left")
    places: int | None = Field(None, description="people who can choose it; not for workers")
    booked: int | None = Field(None, description="people who have chosen it; not for workers")
    interview: InterviewDetails | None = None
    version: int


class SlotList(Model):
    """Interview slots of an opening from yesterday on, the earliest first."""

    items: Sequence[SlotAnswer]
