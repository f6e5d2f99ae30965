"""A dead letter: what could not be processed, where it stands, and why.

It holds no payload: the record stays where it is, in a topic that keeps it, and a dead letter
points there. So erasing a person never has to search dead letters, and a newer event of the same
key makes the old one moot.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from roost.events.common import Model


class DeadLetterStatus(StrEnum):
    PARKED = "parked"
    RETRIED = "retried"


class DeadLetter(Model):
    """`id` is `<topic>/<partition>/<offset>` of the record, followed by `@stage`; of a delivery
    that was given up, `deliveries/<delivery>/<revision>@deliver`.
    """

    id: str
    topic: str
    partition: int = Field(ge=0)
    offset: int = Field(ge=0)
    stage: str
    reason: str = Field(description="the kind of error, e.g. `invalid`")
    detail: str = Field(description="one sentence; names the field, never repeats its value")
    size: int = Field(ge=0, description="bytes of the record's value")
    at: datetime
    status: DeadLetterStatus = DeadLetterStatus.PARKED
    attempts: int = Field(1, ge=1)


def given_up_id(delivery: str, revision: int) -> str:
    """The same for all who give up a delivery as it stood: several may at once, one is right."""
    return f"deliveries/{delivery}/{revision}@deliver"


def dead_letter_id(topic: str, partition: int, offset: int, stage: str) -> str:
    return f"{topic}/{partition}/{offset}@{stage}"
