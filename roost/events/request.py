"""Answers to writes with an `Idempotency-Key`: ids and hashes only, no personal data."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from roost.events.common import Model

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class Answered(Model):
    """Answer to one write; `key` and `asked` are keyed hashes, so that texts cannot be guessed."""

    key: Hash = Field(description="hash of caller and Idempotency-Key")
    asked: Hash = Field(description="hash of method, path, query and body")
    status: int = Field(ge=200, le=299)
    body: dict[str, Any] | None = Field(
        None, description="body of the answer; absent if it holds more than ids, or a secret"
    )
    headers: dict[str, str] = Field({}, description="headers `location` and `etag` of the answer")
    repeatable: bool = Field(
        False, description="whether repeating the request has no further effect"
    )
    at: datetime


class AnsweredRequests(Model):
    """Several answers, written together by one process."""

    process: str
    answered: Annotated[tuple[Answered, ...], Field(min_length=1, max_length=500)]
