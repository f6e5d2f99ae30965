"""`searchable`: the index stage says that a version of an entity can be found by a search.

Internal, between index and match. It exists so that no pair is missed: matching starts only when
the entity is searchable, so of two that arrive together at least one sees the other. The queue
stage and the housekeeping say the same once more of what is to be matched again.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from roost.events.common import Model


class EntityKind(StrEnum):
    OPENING = "opening"
    PROFILE = "profile"


class Searchable(Model):
    kind: EntityKind
    id: str
    version: int = Field(ge=1, description="offset + 1 of the event that was indexed")
    posted_at: datetime = Field(description="when that event was posted")
