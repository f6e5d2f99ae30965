"""What a recipient wants of their notifications: kinds, channels, times; or none at all.

A worker's own choice stands in a topic of its own, so that the next import of a roster, which
knows nothing of it, cannot undo it. A stop (退订) is a fact of its own for the same reason.
"""

from __future__ import annotations

from datetime import datetime, time
from enum import StrEnum
from functools import lru_cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, AwareDatetime, Field
from pydantic_core import PydanticCustomError

from roost.events.common import Language, Lines, Model, WorkerId


class ChannelKind(StrEnum):
    """How a recipient can be told; which service carries each kind is the county's setting."""

    INBOX = "inbox"
    SMS = "sms"
    EMAIL = "email"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    WEBHOOK = "webhook"


class Pace(StrEnum):
    """How often what is not urgent is sent."""

    INSTANT = "instant"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _zone(name: str) -> str:
    if name not in _zones():
        raise PydanticCustomError(
            "time_zone", "Not a time zone that is known; write one such as Asia/Shanghai"
        )
    return name


TimeZone = Annotated[str, Field(max_length=64, examples=["Asia/Shanghai"]), AfterValidator(_zone)]


class QuietHours(Model):
    """From `begins` to `ends` on the recipient's clock nothing is sent; equal ends: never quiet."""

    begins: time = Field(examples=["22:00"])
    ends: time = Field(examples=["07:00"])


class Digest(Model):
    """What is not urgent, gathered: `at` on the recipient's clock, for a week on `weekday`."""

    pace: Pace = Pace.INSTANT
    at: time = time(8)
    weekday: int = Field(1, ge=1, le=7, description="1 is Monday, 7 is Sunday (ISO 8601)")


class Telling(Model):
    """How a recipient wants to be told."""

    muted: bool = Field(False, description="nothing is sent at all")
    muted_kinds: Lines = Field((), description="kinds of notification that are not sent")
    channels_by_kind: dict[
        Annotated[str, Field(pattern=r"^[a-z_]{1,32}$")], tuple[ChannelKind, ...]
    ] = Field(
        default_factory=dict,
        max_length=20,
        description="channels for a kind of notification; else the inbox and the first other one",
    )
    time_zone: TimeZone | None = Field(None, description="without one, the county's")
    quiet_hours: QuietHours | None = Field(None, description="without them, the county's")
    snoozed_until: AwareDatetime | None = None
    digest: Digest = Digest()


class Preferences(Telling):
    """The same, and the language to write in."""

    language: Language = "zh"


class OwnPreferences(Preferences):
    """What a worker has chosen themselves; it holds over what their profile says."""

    worker_id: WorkerId
    chosen_at: datetime

    @property
    def id(self) -> str:
        """What its record is keyed by."""
        return self.worker_id


class StoppedBy(StrEnum):
    LINK = "link"
    WORD = "word"
    API = "api"


class Stop(Model):
    """A worker wants nothing any more. Only they themselves take it back."""

    worker_id: WorkerId
    stopped: bool = True
    by: StoppedBy
    at: datetime

    @property
    def id(self) -> str:
        """What its record is keyed by."""
        return self.worker_id
