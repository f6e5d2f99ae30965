"""Request and response bodies of keys; a secret is shown once, when it is new."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from producers.identity_facts import MOST_DAYS, USUAL_DAYS
from roost.events.account import ApiKey, Holder, KeyId, NewEmployerId, Permission
from roost.events.common import Line, Model
from roost.rules.key_scopes import scopes_in_force

EXAMPLES: Any = {
    "zh": {
        "summary": "用工单位的人事系统",
        "value": {
            "name": "人事系统",
            "role": "employer",
            "employerId": "taiyuan-jianzhu",
            "scopes": ["openings:read", "openings:write"],
        },
    }
}
Scopes = Annotated[tuple[Permission, ...], Field(max_length=50)]


class NewKey(Holder):
    """A key to create: its name, role, reach and scopes."""

    name: Line
    employer_id: NewEmployerId | None = None
    scopes: Scopes = Field(
        (), description="permissions it is limited to; empty for all of its role"
    )
    days: int = Field(USUAL_DAYS, ge=1, le=MOST_DAYS, description="days until it expires")


class Rotation(Model):
    """Lifetimes of the new and the former secret."""

    days: int = Field(
        USUAL_DAYS, ge=1, le=MOST_DAYS, description="days until the new secret expires"
    )
    grace_hours: float = Field(
        24.0, ge=0, le=720, description="hours for which the former secret remains valid"
    )


class Key(Holder):
    """A key without its secret."""

    id: KeyId
    name: Line
    scopes: Scopes = ()
    created_at: datetime
    expires_at: datetime
    former_until: datetime | None = Field(None, description="end of the former secret's validity")


class KeyWithSecret(Key):
    """A key with its secret, shown once."""

    key: str = Field(description="the secret; shown once, so store it now")


class Keys(Model):
    """A list of keys."""

    items: tuple[Key, ...]


def key_details(key: ApiKey) -> Key:
    """Return a key without its secret."""
    details = {name: getattr(key, name) for name in Key.model_fields}
    return Key(**details | {"scopes": scopes_in_force(key)})


def key_with_secret(key: ApiKey, secret: str) -> KeyWithSecret:
    """Return a key with the secret that is shown once."""
    return KeyWithSecret(**key_details(key).model_dump(), key=secret)
