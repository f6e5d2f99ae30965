"""Request and response bodies of signing in."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, SecretStr

from roost.events.account import AccountId
from roost.events.common import Model


class SignIn(Model):
    """A login with its password, and the one-time code if the account has a second factor."""

    login: Annotated[str, Field(min_length=1, max_length=254)]
    password: Annotated[SecretStr, Field(max_length=500)]
    code: Annotated[str, Field(max_length=12)] | None = Field(
        None, description="code of your authenticator, if the account has one"
    )


class PasskeyRequest(Model):
    """Options for a sign-in with a passkey, valid for five minutes."""

    ceremony: str = Field(description="send it with the credential")
    options: dict[str, Any] = Field(description="for `navigator.credentials.get`")


class PasskeySignIn(Model):
    """The browser's answer to the options."""

    ceremony: Annotated[str, Field(min_length=1, max_length=1_000)]
    credential: dict[str, Any] = Field(description="`PublicKeyCredential.toJSON()`")


class SignedIn(Model):
    """The account that has signed in, and the token for its writes."""

    account_id: AccountId
    must_change_password: bool
    must_enrol_second_factor: bool = False
    csrf: str
