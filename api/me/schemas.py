"""What people change about their own account."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, SecretStr

from roost.events.common import Language, Model

Password = Annotated[SecretStr, Field(max_length=500)]


class NewPassword(Model):
    former: Password
    password: Password


class Chosen(Model):
    language: Language


class Confirmed(Model):
    """With the password, for what an open browser alone must not do."""

    password: Password


class Code(Model):
    code: Annotated[str, Field(min_length=6, max_length=12)]
    secret: Annotated[str, Field(min_length=16, max_length=64, pattern=r"^[A-Z2-7]+$")] = Field(
        description="the one that was answered to the enrolment"
    )


class Enrolment(Model):
    """Nothing is in force before the first code has come back."""

    secret: str
    uri: str = Field(description="otpauth:// for the authenticator")
    qr: str = Field(description="the same as an SVG image")
