"""Requests and responses of the stop endpoints."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from roost.events.common import Model, Text, WorkerId
from roost.events.preferences import ChannelKind, StoppedBy


class StopState(Model):
    """State of a worker's stop; `by` and `at` are set once it was changed."""

    worker_id: WorkerId
    stopped: bool
    by: StoppedBy | None = None
    at: datetime | None = None


class Reply(Model):
    """Reply to a message, as a gateway forwards it."""

    channel: ChannelKind = ChannelKind.SMS
    address: Annotated[str, Field(min_length=1, max_length=320)]
    text: Text
    message_id: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        None, description="the gateway's id of the reply; a repeat with the same id changes nothing"
    )
    received_at: AwareDatetime | None = Field(
        None,
        description="time at which the gateway received the reply, for gateways without ids; a "
        "repeat with the same text and time changes nothing",
    )


class ReplyResult(Model):
    """Effect of a forwarded reply."""

    stopped: int | None = Field(
        None,
        ge=0,
        exclude_if=lambda count: count is None,
        description="recipients with this address whose messages are stopped; left out for keys "
        "that may not read profiles, such as those that only forward replies",
    )
