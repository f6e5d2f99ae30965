"""People's accounts as an administrator makes and sees them: without anything secret."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from roost.events.account import Account, AccountId, Holder, Login
from roost.events.common import Language, Line, Model

EXAMPLES: Any = {
    "zh": {
        "summary": "服务站工作人员",
        "value": {
            "login": "li",
            "name": "李工",
            "role": "clerk",
            "stationIds": ["s-aaaaaaaaaaaaaaaaaaaaaaaaaa"],
        },
    }
}


class NewAccount(Holder):
    login: Login
    name: Line
    language: Language = "zh"
    by_oidc: bool = Field(
        False, description="signs in through the OpenID Connect provider alone: no password"
    )


class Edited(Holder):
    """All of it: what an administrator can change. Role and reach come with it."""

    name: Line
    language: Language = "zh"
    disabled: bool = False


class Shown(Holder):
    id: AccountId
    login: Login
    name: Line
    language: Language
    disabled: bool
    must_change_password: bool
    second_factor: bool = Field(description="whether an authenticator is enrolled")
    oidc: bool = Field(description="whether it has signed in through the provider")
    created_at: datetime


class WithPassword(Shown):
    password: str | None = Field(
        None, description="to sign in with once; shown this once, so hand it on now"
    )


class Accounts(Model):
    items: tuple[Shown, ...]


def shown(account: Account) -> Shown:
    plain = set(Shown.model_fields) & set(Account.model_fields)
    return Shown(
        **{name: getattr(account, name) for name in plain},
        second_factor=account.totp_secret is not None,
        oidc=account.oidc_subject is not None,
    )


def with_password(account: Account, password: str | None) -> WithPassword:
    return WithPassword(**shown(account).model_dump(), password=password)
