"""Audit trail of reads and changes: ids only, never content. Append-only."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from roost.events.account import AccountRole
from roost.events.common import Model, WorkerId

MOST_PERSONS = 500
"""Maximum number of workers in one entry; a request that showed more makes several entries."""


class Touched(Model):
    """Object of a request: its kind as the path names it, and its id."""

    kind: Annotated[str, Field(max_length=40)]
    id: Annotated[str, Field(max_length=80)]


class AuditEntry(Model):
    """One request in the audit trail: actor, route, objects and persons concerned, status."""

    id: Annotated[str, Field(pattern=r"^t-[a-z2-7]{26}$")]
    request_id: Annotated[str, Field(max_length=32)]
    who: Annotated[str, Field(max_length=40)] | None = Field(
        None, description="id of the account or key; absent on routes without sign-in"
    )
    role: AccountRole | None = None
    method: Annotated[str, Field(max_length=10)]
    route: Annotated[str, Field(max_length=200)] = Field(
        description="the path's template, e.g. /v1/profiles/{id}"
    )
    objects: Annotated[tuple[Touched, ...], Field(max_length=20)] = ()
    persons: Annotated[tuple[WorkerId, ...], Field(max_length=MOST_PERSONS)] = Field(
        (), description="workers whose data was read"
    )
    status: int = Field(ge=100, le=599, description="HTTP status of the answer")
    at: datetime
