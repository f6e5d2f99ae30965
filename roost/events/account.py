"""Accounts of people and keys of machines, with their roles and permissions.

Neither holds a usable secret: an account stores the Argon2id hash of its password, a key the
SHA-256 hash of its 256 random bits.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from roost.events.common import STORED, Language, Line, Model, StationId, WorkerId
from roost.text.invisible import holds_invisible
from roost.text.references import settled_employer_id

AccountId = Annotated[str, Field(pattern=r"^u-[a-z2-7]{26}$")]
KeyId = Annotated[str, Field(pattern=r"^k-[a-z2-7]{26}$")]
EmployerId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w.:-]+$")]


def clear_id(text: str, info: ValidationInfo) -> str:
    """Return an id. Raises PydanticCustomError for dots alone, and for invisible characters.

    A path with `..` names another resource, and two ids that look alike are taken for one. Ids that
    earlier releases stored are read.
    """
    if info.context is not STORED and (not text.strip(".") or holds_invisible(text)):
        raise PydanticCustomError(
            "unclear_id", "Must have letters or digits, and no invisible characters"
        )
    return text


def settled_id(value: object, info: ValidationInfo) -> object:
    """Return an entered id in half width and without blanks at its ends; a stored one as it is."""
    if info.context is STORED or not isinstance(value, str):
        return value
    return settled_employer_id(value)


NewEmployerId = Annotated[EmployerId, BeforeValidator(settled_id), AfterValidator(clear_id)]
"""Id of an employer where one is entered."""
Login = Annotated[str, Field(min_length=2, max_length=254, pattern=r"^[a-z0-9][a-z0-9._@+'&=~-]*$")]
"""A short name, or an e-mail address as providers send it."""


MOST_PASSKEYS = 10


class AccountRole(StrEnum):
    """用工单位, 务工人员, 服务站工作人员, 服务站负责人, 总会, 部门, 审计, 管理员."""

    EMPLOYER = "employer"
    WORKER = "worker"
    CLERK = "clerk"
    CHIEF = "chief"
    ASSOCIATION = "association"
    DEPARTMENT = "department"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Permission(StrEnum):
    """Permission that a route requires; a key can be limited to some of them (its scopes)."""

    OPENINGS_READ = "openings:read"
    OPENINGS_WRITE = "openings:write"
    OPENINGS_APPROVE = "openings:approve"
    PROFILES_READ = "profiles:read"
    PROFILES_WRITE = "profiles:write"
    PROFILES_ERASE = "profiles:erase"
    MATCHES_READ = "matches:read"
    MATCHES_ACT = "matches:act"
    MATCHES_ASSIGN = "matches:assign"
    INBOX_READ = "inbox:read"
    INBOX_WRITE = "inbox:write"
    REPLIES_FORWARD = "replies:forward"
    NOTES_READ = "notes:read"
    NOTES_WRITE = "notes:write"
    STATIONS_READ = "stations:read"
    STATIONS_WRITE = "stations:write"
    NOTICES_READ = "notices:read"
    NOTICES_WRITE = "notices:write"
    NOTIFICATIONS_READ = "notifications:read"
    TEMPLATES_READ = "templates:read"
    EMPLOYERS_READ = "employers:read"
    EMPLOYERS_WRITE = "employers:write"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"
    OVERVIEW_READ = "overview:read"
    CHANGES_READ = "changes:read"
    SOURCES_READ = "sources:read"
    SOURCES_WRITE = "sources:write"
    ACCOUNTS_READ = "accounts:read"
    ACCOUNTS_WRITE = "accounts:write"
    AUDIT_READ = "audit:read"


class Holder(Model):
    """Role of an account or a key, and the employer, worker or stations it is limited to."""

    role: AccountRole
    employer_id: EmployerId | None = None
    worker_id: WorkerId | None = None
    station_ids: Annotated[tuple[StationId, ...], Field(max_length=100)] = ()

    @model_validator(mode="after")
    def _confined(self) -> Holder:
        needed = {
            AccountRole.EMPLOYER: ("employerId", self.employer_id),
            AccountRole.WORKER: ("workerId", self.worker_id),
            AccountRole.CLERK: ("stationIds", self.station_ids),
            AccountRole.CHIEF: ("stationIds", self.station_ids),
        }
        field, value = needed.get(self.role, ("", True))
        if not value:
            raise PydanticCustomError(
                "holder", "An account of this role needs {field}; add it", {"field": field}
            )
        return self


class Passkey(Model):
    """Passkey of an account (WebAuthn); it holds a public key, so nobody can sign in with it."""

    id: Annotated[str, Field(min_length=1, max_length=1_400, pattern=r"^[\w-]+$")] = Field(
        description="credential id, URL-safe base64"
    )
    public_key: Annotated[str, Field(min_length=1, max_length=4_000, pattern=r"^[\w-]+$")] = Field(
        description="COSE key, URL-safe base64"
    )
    sign_count: int = Field(0, ge=0, description="signatures so far, if the passkey counts them")
    name: Line
    created_at: datetime


class Account(Holder):
    """Account of a person who signs in."""

    id: AccountId
    login: Login
    name: Line = Field(description="shown to colleagues")
    public_name: Annotated[Line, Field(max_length=60)] | None = Field(
        None,
        description="name that employers see if the person is responsible for a match; none by "
        "default",
        exclude_if=lambda name: name is None,
    )
    language: Language = "zh"
    large_text: bool = Field(False, description="pages are shown in larger letters")
    password_hash: Annotated[str, Field(max_length=300)] | None = Field(
        None, description="Argon2id; absent for an account that signs in by OIDC only"
    )
    totp_secret: Annotated[str, Field(max_length=200)] | None = Field(
        None, description="encrypted under the county's key"
    )
    passkeys: Annotated[tuple[Passkey, ...], Field(max_length=MOST_PASSKEYS)] = ()
    oidc_subject: Line | None = None
    disabled: bool = False
    must_change_password: bool = False
    generation: int = Field(0, ge=0, description="sessions of an older generation have ended")
    created_at: datetime


class ApiKey(Holder):
    """API key of a machine; a tombstone revokes it."""

    id: KeyId
    name: Line
    scopes: Annotated[tuple[Permission, ...], Field(max_length=50)] = Field(
        (), description="permissions it is limited to; without any, all permissions of its role"
    )
    names_forwarding: bool = Field(
        False, description="forwards replies by the scope `replies:forward`; false in older records"
    )
    secret_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    former_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = Field(
        None, description="the secret before the last rotation"
    )
    former_until: datetime | None = None
    created_at: datetime
    expires_at: datetime
