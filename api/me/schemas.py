"""Request and response bodies of the caller's own account."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, SecretStr

from roost.events.account import AccountRole, EmployerId, Permission
from roost.events.common import Language, Line, Model, StationId, WebhookId, WorkerId

Password = Annotated[SecretStr, Field(max_length=500)]


class Me(Model):
    """The caller and its permissions."""

    id: str
    role: AccountRole
    name: Line
    language: Language
    public_name: Line | None = Field(
        None, description="name that employers see; none shows the station alone"
    )
    login: str | None = Field(None, description="login of a person; none for a key")
    employer_id: EmployerId | None = None
    worker_id: WorkerId | None = None
    station_ids: tuple[StationId, ...] = ()
    permissions: tuple[Permission, ...]
    must_change_password: bool = False
    second_factor: bool = Field(
        False, description="whether an authenticator or a passkey is enrolled"
    )
    must_enrol_second_factor: bool = Field(
        False, description="whether the role requires a second factor that is not enrolled yet"
    )
    disabled_webhooks: tuple[WebhookId, ...] | None = Field(
        None,
        description="ids of the employer's webhooks that an outage has disabled; null for other "
        "roles, and while the views cannot be read",
    )
    csrf: str | None = Field(
        None, description="sent as X-CSRF-Token with every write that a cookie authenticates"
    )


class NewPassword(Model):
    """A new password, with the former one."""

    former: Password
    password: Password


class Chosen(Model):
    """The chosen language."""

    language: Language


class PublicName(Model):
    """Name that employers see as that of the responsible clerk; none shows the station alone."""

    public_name: Annotated[Line, Field(max_length=60)] | None = None


class Confirmed(Model):
    """The password, for an action that an open browser alone must not allow."""

    password: Password


class Code(Model):
    """The first code of an authenticator, with the enrolment that it confirms."""

    code: Annotated[str, Field(min_length=6, max_length=12)]
    enrolment: Annotated[str, Field(min_length=1, max_length=1_000)] = Field(
        description="the `enrolment` that its beginning returned"
    )


class PasskeyDetails(Model):
    """A passkey of the caller."""

    id: str
    name: Line
    created_at: datetime


class Passkeys(Model):
    """The caller's passkeys."""

    items: tuple[PasskeyDetails, ...]


class PasskeyEnrolment(Model):
    """Options for a new passkey; nothing changes until it is registered."""

    enrolment: str = Field(description="send it with the credential within ten minutes")
    options: dict[str, Any] = Field(description="for `navigator.credentials.create`")


class NewPasskey(Model):
    """A new passkey: its name, the enrolment and the browser's credential."""

    enrolment: Annotated[str, Field(min_length=1, max_length=1_000)]
    name: Annotated[str, Field(min_length=1, max_length=60)] = Field(
        description="for the list, such as the device's name"
    )
    credential: dict[str, Any] = Field(description="`PublicKeyCredential.toJSON()`")


class Enrolment(Model):
    """A secret for an authenticator; nothing changes until its first code confirms it."""

    secret: str
    enrolment: str = Field(description="send it with the first code within ten minutes")
    uri: str = Field(description="otpauth:// for the authenticator")
    qr: str = Field(description="the same as an SVG image")
