"""Dead letters: records that a stage could not process, with position and reason.

A dead letter holds no payload. The record stays in its topic, and the dead letter points to it.
So erasing a person need not search dead letters, and a newer event of the same key supersedes
the old one.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from roost.events.common import Model


class DeadLetterStatus(StrEnum):
    """State of a dead letter: parked until a person acts, or retried."""

    PARKED = "parked"
    RETRIED = "retried"


class DeadLetter(Model):
    """Reference to a record that a stage could not process.

    `id` is `<topic>/<partition>/<offset>@<stage>`. For an abandoned delivery it is
    `deliveries/<delivery>/<revision>@deliver`.
    """

    id: str
    topic: str
    partition: int = Field(ge=0)
    offset: int = Field(ge=0)
    stage: str
    reason: str = Field(description="the kind of error, e.g. `invalid`")
    detail: str = Field(description="one sentence; names the field, never repeats its value")
    size: int = Field(ge=0, description="size of the record's value in bytes")
    at: datetime
    status: DeadLetterStatus = DeadLetterStatus.PARKED
    attempts: int = Field(1, ge=1)
    handled_before: int | None = Field(
        None,
        ge=0,
        description="events that the stage handled between its previous dead letter and this one; "
        "absent where the limit on dead letters did not count it",
    )

    @property
    def place(self) -> tuple[str, int, int]:
        """Topic, partition and offset of the record."""
        return self.topic, self.partition, self.offset


def given_up_id(delivery: str, revision: int) -> str:
    """Return the id of an abandoned delivery, equal in all processes that abandon the revision."""
    return f"deliveries/{delivery}/{revision}@deliver"


def dead_letter_id(topic: str, partition: int, offset: int, stage: str) -> str:
    """Return the id of the dead letter of a record at a stage."""
    return f"{topic}/{partition}/{offset}@{stage}"
