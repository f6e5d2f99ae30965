"""Responses of the change feed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import Field

from roost.events.common import Model


class Changed(Model):
    """One change of an entity."""

    type: str
    id: str
    version: int
    at: datetime
    erased: bool = False
    data: dict[str, Any] | None = Field(
        None, description="the fact, if the caller may read it; never of workers"
    )


class Changes(Model):
    """Page of changes, oldest first."""

    items: Sequence[Changed]
    next: str = Field(description="`since` of the next request")
    more: bool = Field(description="whether more changes are available now")
