"""Stops of stages: a stage that has met too many dead letters stops instead of parking a topic."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from roost.events.common import Model

StageName = Annotated[str, Field(pattern=r"^[a-z]+$", max_length=40)]


class StageStop(Model):
    """Stop of a stage at a record, which it will process again; a tombstone ends the stop."""

    id: StageName = Field(description="name of the stage")
    topic: str = Field(description="topic of the record at which the limit was passed")
    partition: int = Field(ge=0)
    offset: int = Field(ge=0)
    reason: str = Field(description="kind of the last error, e.g. `invalid`")
    detail: str = Field("", description="one sentence on the last error, without personal data")
    failed: int = Field(ge=1, description="events of the window that could not be processed")
    events: int = Field(ge=1, description="events of the window")
    at: datetime
    continued: bool = Field(
        False, description="whether an operator lets the stage park the batch of this record"
    )

    @property
    def place(self) -> str:
        """Record at which the stage stopped, as dead letters name it."""
        return f"{self.topic}/{self.partition}/{self.offset}"
