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

    A used one-time code or challenge is stored as an ended session under an id derived from it,
    until it would have expired. The first record of an id counts, so no two processes accept it.
    """

    id: SessionId
    account_id: AccountId
    token_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    generation: int = Field(ge=0, description="generation of the account at sign-in")
    began_at: datetime
    seen_at: datetime = Field(description="approximate time of the last use")
    expires_at: datetime = Field(description="end of the session, regardless of use")
    totp_step: int | None = Field(
        None, description="time step of the one-time code; written by earlier releases only"
    )
    by_provider: bool = Field(
        False, description="opened by the OpenID Connect provider, whose second factor counts"
    )
    ended: bool = False
