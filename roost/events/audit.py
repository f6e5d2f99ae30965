"""Who saw and changed what: ids only, never what was said. Append-only."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from roost.events.account import AccountRole
from roost.events.common import Model, WorkerId

MOST_PERSONS = 500
"""Of whom one entry tells; what showed more makes several."""


class Touched(Model):
    """What a request was about: its kind as the path names it, and its id."""

    kind: Annotated[str, Field(max_length=40)]
    id: Annotated[str, Field(max_length=80)]


class AuditEntry(Model):
    id: Annotated[str, Field(pattern=r"^t-[a-z2-7]{26}$")]
    request_id: Annotated[str, Field(max_length=32)]
    who: Annotated[str, Field(max_length=40)] | None = Field(
        None, description="id of an account or a key; none where nobody has to sign in"
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
    status: int = Field(ge=100, le=599, description="what it was answered with")
    at: datetime
