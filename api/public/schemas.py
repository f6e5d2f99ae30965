"""Responses of the public endpoints."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class Openings(BaseModel):
    """Page of open openings."""

    items: list[dict[str, Any]] = Field(description="schema.org JobPosting")
    next: str | None = None
