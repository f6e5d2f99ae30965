"""The county's claim on a record: the fingerprint of the key from which its ids are derived."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from roost.events.common import Model

Fingerprint = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]


class IdState(StrEnum):
    """State of the ids in a record: being migrated to this key, or all of them derived from it."""

    MIGRATING = "migrating"
    CURRENT = "current"


class KeyClaim(Model):
    """The key of a record's ids. It holds a fingerprint; the key itself is never stored."""

    id: Annotated[str, Field(pattern=r"^key-[0-9a-f]{16}$")]
    fingerprint: Fingerprint
    state: IdState = IdState.CURRENT
    at: datetime
    migrated_until: dict[str, dict[str, int]] = Field(
        default_factory=dict,
        description="migration: by topic and partition, the offset before which ids are unkeyed",
    )
