"""Responses of the endpoints of operations."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from api.lists.answer_schemas import Documents


class Liveness(BaseModel):
    """State of the process."""

    status: str = Field(examples=["live"])


class Readiness(BaseModel):
    """Readiness of the process and of each of its parts."""

    status: str = Field(examples=["ready"])
    parts: dict[str, bool] = Field(
        examples=[{"kafka": True, "elasticsearch": True, "identities": True}]
    )


class DocumentCounts(BaseModel):
    """Number of documents of each view."""

    openings: int
    profiles: int
    stations: int
    matches: int
    notifications: int
    deliveries: int


LivenessAnswer = Annotated[dict[str, str], Documents(Liveness)]
ReadinessAnswer = Annotated[dict[str, Any], Documents(Readiness)]
CountsAnswer = Annotated[dict[str, int], Documents(DocumentCounts)]
