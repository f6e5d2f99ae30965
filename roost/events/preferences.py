"""Notification preferences of recipients: kinds, channels, times, or no messages at all.

A worker's own choice has a separate topic, so that the next import of a roster cannot undo it.
A stop (退订) is a separate fact for the same reason.
"""

from __future__ import annotations

from datetime import datetime, time
from enum import StrEnum
from functools import lru_cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, AwareDatetime, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from roost.events.common import Language, Lines, Model, WorkerId


class ChannelKind(StrEnum):
    """Kind of channel; the county's settings name the service that carries each kind."""

    INBOX = "inbox"
    SMS = "sms"
    EMAIL = "email"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    WEBHOOK = "webhook"
    WECHAT = "wechat"
    """Official account (公众号); the address is the person's openid there."""
    VOICE = "voice"
    """Call that reads the message aloud; the address is a telephone number."""


class Pace(StrEnum):
    """Frequency of messages that are not urgent."""

    INSTANT = "instant"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _zone(name: str) -> str:
    if name not in _zones():
        raise PydanticCustomError("time_zone", "Unknown time zone; write one such as Asia/Shanghai")
    return name


TimeZone = Annotated[str, Field(max_length=64, examples=["Asia/Shanghai"]), AfterValidator(_zone)]


LocalTime = Annotated[
    time,
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)?)?$",
            "examples": ["22:00"],
        }
    ),
]
"""Time of day. The format `time` of JSON Schema demands an offset, which a local time lacks."""


class QuietHours(Model):
    """Hours without messages, in the recipient's local time; equal ends mean no quiet hours."""

    begins: LocalTime = Field(examples=["22:00"])
    ends: LocalTime = Field(examples=["07:00"])


class Digest(Model):
    """Digest of messages that are not urgent: at `at`, local time; if weekly, on `weekday`."""

    pace: Pace = Pace.INSTANT
    at: LocalTime = time(8)
    weekday: int = Field(1, ge=1, le=7, description="1 is Monday, 7 is Sunday (ISO 8601)")


class DeliveryPreferences(Model):
    """Delivery preferences of a recipient."""

    muted: bool = Field(False, description="no messages are sent")
    muted_kinds: Lines = Field((), description="kinds of notification that are not sent")
    channels_by_kind: dict[
        Annotated[str, Field(pattern=r"^[a-z_]{1,32}$")], tuple[ChannelKind, ...]
    ] = Field(
        default_factory=dict,
        max_length=20,
        description="channels by kind of notification; by default the inbox and the next channel",
    )
    time_zone: TimeZone | None = Field(None, description="by default the county's")
    quiet_hours: QuietHours | None = Field(None, description="by default the county's")
    snoozed_until: AwareDatetime | None = None
    digest: Digest = Digest()


class Preferences(DeliveryPreferences):
    """Delivery preferences, and the language of messages."""

    language: Language = "zh"


class OwnPreferences(Preferences):
    """Preferences that a worker has set; they override those of the profile."""

    worker_id: WorkerId
    chosen_at: datetime

    @property
    def id(self) -> str:
        """Key of its record."""
        return self.worker_id


class StoppedBy(StrEnum):
    """Way in which messages were stopped: a link, a reply with a stop word, or the API."""

    LINK = "link"
    WORD = "word"
    API = "api"


StoppableId = Annotated[str, Field(pattern=r"^[we]-[a-z2-7]{26}$")]
"""Id of a recipient that can stop all messages: a worker, or an employer's record."""


class Stop(Model):
    """Stop of all messages to a worker or an employer; only they can revoke it."""

    worker_id: StoppableId = Field(description="the worker; of an employer, the id of its record")
    stopped: bool = True
    by: StoppedBy
    at: datetime

    @property
    def id(self) -> str:
        """Key of its record."""
        return self.worker_id
