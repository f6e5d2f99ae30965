"""What signing in takes and answers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, SecretStr

from roost.events.account import AccountId, AccountRole, EmployerId, Permission
from roost.events.common import Language, Line, Model, StationId, WorkerId


class SignIn(Model):
    login: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[SecretStr, Field(max_length=500)]
    code: Annotated[str, Field(max_length=12)] | None = Field(
        None, description="of your authenticator, when the account has one"
    )


class Me(Model):
    """Who asks, and what they may."""

    id: str
    role: AccountRole
    name: Line
    language: Language
    login: str | None = Field(None, description="none for a key")
    employer_id: EmployerId | None = None
    worker_id: WorkerId | None = None
    station_ids: tuple[StationId, ...] = ()
    permissions: tuple[Permission, ...]
    must_change_password: bool = False
    second_factor: bool = Field(False, description="whether an authenticator is enrolled")
    csrf: str | None = Field(
        None, description="sent as X-CSRF-Token with every write that a cookie authenticates"
    )


class SignedIn(Model):
    account_id: AccountId
    must_change_password: bool
    csrf: str
