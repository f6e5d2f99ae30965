"""What the endpoints of preferences take and answer."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from roost.events.common import Model, WorkerId
from roost.events.preferences import Preferences


class Source(StrEnum):
    """Whose they are: the worker's own choice, or what the profile came with."""

    OWN = "own"
    PROFILE = "profile"


class InForce(Model):
    """How a worker is told now; `version` is that of what `source` names."""

    worker_id: WorkerId
    source: Source
    version: int
    preferences: Preferences


class Snooze(Model):
    hours: float = Field(8, ge=0, le=720, description="from now; 0 ends a snooze")
