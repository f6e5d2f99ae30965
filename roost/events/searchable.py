"""Event `searchable`: searches find a version of an entity, so it can be matched.

Internal, from the index stage to the match stage. It ensures that no pair is missed: matching
starts only when the entity is searchable, so of two that arrive together at least one finds the
other. The queue stage and the maintenance stage publish it again for entities to re-match.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from roost.events.common import Model


class EntityKind(StrEnum):
    """Kind of a searchable entity."""

    OPENING = "opening"
    PROFILE = "profile"


class Searchable(Model):
    """Fact that searches find this version of an opening or a profile."""

    kind: EntityKind
    id: str
    version: int = Field(ge=1, description="offset + 1 of the indexed event")
    posted_at: datetime = Field(description="time at which that event was posted")
