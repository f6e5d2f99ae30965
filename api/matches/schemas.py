"""What somebody says they do about a match."""

from __future__ import annotations

from pydantic import Field

from roost.events.common import Model
from roost.events.match import Actor, DeclineReason


class Act(Model):
    """For a decline the reason."""

    actor: Actor | None = Field(
        None,
        description="for whom a key acts that reaches everything; else who asks is who acts",
    )
    reason: DeclineReason | None = None
