"""What the endpoints of stops take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from roost.events.common import Model, Text, WorkerId
from roost.events.preferences import ChannelKind, StoppedBy


class Standing(Model):
    """Whether a worker wants no messages; who stopped them, and when, if it was ever said."""

    worker_id: WorkerId
    stopped: bool
    by: StoppedBy | None = None
    at: datetime | None = None


class Reply(Model):
    """What somebody has answered to a message, as a gateway hands it on."""

    channel: ChannelKind = ChannelKind.SMS
    address: Annotated[str, Field(min_length=1, max_length=320)]
    text: Text


class Heard(Model):
    stopped: int = Field(ge=0, description="workers with this address who get no messages now")
