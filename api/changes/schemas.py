"""What the feed tells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import Field

from roost.events.common import Model


class Changed(Model):
    type: str
    id: str
    version: int
    at: datetime
    erased: bool = False
    data: dict[str, Any] | None = Field(
        None, description="the fact, for those who may read it; of workers never"
    )


class Changes(Model):
    items: Sequence[Changed]
    next: str = Field(description="`since` of the next question")
    more: bool = Field(description="whether there is more at once")
