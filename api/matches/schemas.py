"""What somebody says they do about a match."""

from __future__ import annotations

from roost.events.common import Model
from roost.events.match import Actor, DeclineReason


class Act(Model):
    """Who acts, and for a decline the reason."""

    actor: Actor
    reason: DeclineReason | None = None
