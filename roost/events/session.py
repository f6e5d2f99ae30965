"""Sessions of signed-in browsers; only a hash of the random token is stored."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from roost.events.account import AccountId
from roost.events.common import Model

SessionId = Annotated[str, Field(pattern=r"^t-[a-z2-7]{26}$")]


class Session(Model):
    """Session of a signed-in browser; its id is derived from its token.

    An ended session is kept until its expiry, so that its one-time code is not accepted twice.
    """

    id: SessionId
    account_id: AccountId
    token_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    generation: int = Field(ge=0, description="generation of the account at sign-in")
    began_at: datetime
    seen_at: datetime = Field(description="approximate time of the last use")
    expires_at: datetime = Field(description="end of the session, regardless of use")
    totp_step: int | None = Field(
        None, description="time step (RFC 6238) of the one-time code used at sign-in"
    )
    ended: bool = False
