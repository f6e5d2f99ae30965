"""Keys as they are made and shown: never with a secret, but for the once."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from producers.identity_facts import MOST_DAYS, USUAL_DAYS
from roost.events.account import ApiKey, Holder, KeyId, Permission
from roost.events.common import Line, Model

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
    name: Line
    scopes: Scopes = Field((), description="what it is limited to; without any, all of its role")
    days: int = Field(USUAL_DAYS, ge=1, le=MOST_DAYS, description="until it expires")


class Rotation(Model):
    days: int = Field(USUAL_DAYS, ge=1, le=MOST_DAYS, description="until the new secret expires")
    grace_hours: float = Field(
        24.0, ge=0, le=720, description="for so long the former secret is in force as well"
    )


class Key(Holder):
    id: KeyId
    name: Line
    scopes: Scopes = ()
    created_at: datetime
    expires_at: datetime
    former_until: datetime | None = Field(None, description="the former secret's end")


class KeyWithSecret(Key):
    key: str = Field(description="the key itself; shown this once, so keep it")


class Keys(Model):
    items: tuple[Key, ...]


def shown(key: ApiKey) -> Key:
    return Key(**{name: getattr(key, name) for name in Key.model_fields})


def with_secret(key: ApiKey, text: str) -> KeyWithSecret:
    return KeyWithSecret(**shown(key).model_dump(), key=text)
