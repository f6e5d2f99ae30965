"""Audit trail of reads and changes: ids only, never content. Append-only."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from roost.events.account import AccountRole
from roost.events.common import Model, WorkerId

MOST_PERSONS = 500
"""Maximum number of workers in one entry; a request that showed more makes several entries."""

MOST_OBJECTS = 20
"""Maximum number of objects in one entry: those of the path, and the contacts that were read.

A request that read more contacts makes several entries.
"""


class SecurityEventKind(StrEnum):
    """Events that authentication itself reports, for every way in."""

    SIGNED_IN = "signed-in"
    SIGN_IN_FAILED = "sign-in-failed"
    SIGN_IN_THROTTLED = "sign-in-throttled"
    SIGN_IN_CODE_ASKED = "sign-in-code-asked"
    SECOND_FACTOR_ASKED = "second-factor-asked"
    SECOND_FACTOR_FAILED = "second-factor-failed"
    PASSWORD_CHECK_FAILED = "password-check-failed"
    KEY_REFUSED = "key-refused"
    FORGED_WRITE = "forged-write"
    OUT_OF_REACH = "out-of-reach"
    ANONYMOUS_REFUSED = "anonymous-refused"


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
    objects: Annotated[tuple[Touched, ...], Field(max_length=MOST_OBJECTS)] = ()
    persons: Annotated[tuple[WorkerId, ...], Field(max_length=MOST_PERSONS)] = Field(
        (), description="workers whose data was read"
    )
    status: int = Field(ge=100, le=599, description="HTTP status of the answer")
    at: datetime
    event: SecurityEventKind | None = Field(
        None, description="for an event of authentication; absent for an ordinary request"
    )
    cause: Annotated[str, Field(max_length=60)] | None = Field(
        None, description="how the person signed in, or why it was refused"
    )
    login_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = Field(
        None, description="keyed hash of the login that was typed; search by `login`"
    )
    network: Annotated[str, Field(max_length=64)] | None = Field(
        None, description="IPv4 address or IPv6 /64 that the request came from"
    )
    count: int | None = Field(
        None, ge=1, description="number of further equal events in a window that the entry sums up"
    )
