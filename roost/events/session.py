"""A signed-in browser. Its token is random and stands here as a hash only."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from roost.events.account import AccountId
from roost.events.common import Model

SessionId = Annotated[str, Field(pattern=r"^t-[a-z2-7]{26}$")]


class Session(Model):
    """Its id is derived from its token; one that was ended stays until it would have expired, so
    that the one-time code it was opened with is not taken again.
    """

    id: SessionId
    account_id: AccountId
    token_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    generation: int = Field(ge=0, description="the account's when it was opened")
    began_at: datetime
    seen_at: datetime = Field(description="when it was last used, about")
    expires_at: datetime = Field(description="however much it is used")
    totp_step: int | None = Field(None, description="time step of the one-time code it took")
    ended: bool = False
