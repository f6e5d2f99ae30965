"""Suppressions: erased people, who return only with their new consent. Ids only, no text."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import AwareDatetime, Field

from roost.events.common import Line, Model, WorkerId


class ConsentBasis(StrEnum):
    """Form of a new consent."""

    IN_PERSON = "in_person"
    WRITTEN = "written"
    TELEPHONE = "telephone"
    ONLINE = "online"


class Suppression(Model):
    """Ban on registering an erased worker, or its end; the id is a keyed hash of the number."""

    worker_id: WorkerId
    suppressed: bool = True
    at: AwareDatetime
    by: Line = Field(description="account or key that erased the worker or recorded the consent")
    basis: ConsentBasis | None = Field(None, description="form of the new consent that lifts it")
    consented_on: date | None = Field(None, description="day of the new consent")

    @property
    def id(self) -> str:
        """Key of its record."""
        return self.worker_id
