"""Requests and responses of the preferences endpoints."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from roost.events.common import Model, WorkerId
from roost.events.preferences import Preferences


class Source(StrEnum):
    """Origin of preferences: the worker's own choice, or their profile."""

    OWN = "own"
    PROFILE = "profile"


class EffectivePreferences(Model):
    """Preferences in force for a worker; `version` is that of the fact that `source` names."""

    worker_id: WorkerId
    source: Source
    version: int
    preferences: Preferences


class Snooze(Model):
    """Request to hold notifications that are not urgent."""

    hours: float = Field(8, ge=0, le=720, description="from now; 0 ends a snooze")
