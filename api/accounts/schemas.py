"""Request and response bodies of accounts; none holds a secret but a one-time password."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from roost.events.account import Account, AccountId, Holder, Login, NewEmployerId
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
    """An account to create: its login and name, its role and reach."""

    login: Login
    name: Line
    employer_id: NewEmployerId | None = None
    language: Language = "zh"
    by_oidc: bool = Field(
        False, description="signs in through the OpenID Connect provider only, without a password"
    )


class AccountContent(Holder):
    """Every field of an account that an administrator can change."""

    name: Line
    employer_id: NewEmployerId | None = None
    language: Language = "zh"
    disabled: bool = False


class AccountDetails(Holder):
    """An account without its secrets."""

    id: AccountId
    login: Login
    name: Line
    language: Language
    disabled: bool
    must_change_password: bool
    second_factor: bool = Field(description="whether an authenticator or a passkey is enrolled")
    oidc: bool = Field(description="whether it has signed in through the provider")
    created_at: datetime


class AccountWithPassword(AccountDetails):
    """An account with its one-time password, shown once."""

    password: str | None = Field(
        None, description="password for the first sign-in; shown once, so pass it on now"
    )


class Accounts(Model):
    """A list of accounts."""

    items: tuple[AccountDetails, ...]


def account_details(account: Account) -> AccountDetails:
    """Return an account without its secrets."""
    plain = set(AccountDetails.model_fields) & set(Account.model_fields)
    return AccountDetails(
        **{name: getattr(account, name) for name in plain},
        second_factor=account.totp_secret is not None or bool(account.passkeys),
        oidc=account.oidc_subject is not None,
    )


def account_with_password(account: Account, password: str | None) -> AccountWithPassword:
    """Return an account with the one-time password that is shown once."""
    return AccountWithPassword(**account_details(account).model_dump(), password=password)
