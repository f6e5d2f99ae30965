"""Writes that were answered under an `Idempotency-Key`: ids and hashes only, nothing personal."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from roost.events.common import Model

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class Answered(Model):
    """One write. `key` and `asked` are hashes under the county's key: nobody can try texts out."""

    key: Hash = Field(description="who asked, and their Idempotency-Key")
    asked: Hash = Field(description="method, path, query and body")
    status: int = Field(ge=200, le=299)
    body: dict[str, Any] | None = Field(
        None, description="the answer; none when it holds more than ids, or a secret"
    )
    headers: dict[str, str] = Field({}, description="location and etag")
    repeatable: bool = Field(False, description="asking again does nothing twice")
    at: datetime


class AnsweredRequests(Model):
    """Several, written together."""

    process: str
    answered: Annotated[tuple[Answered, ...], Field(min_length=1, max_length=500)]
