"""Settings of the cost of messages: prices, caps, the effect of a cap, and the hours of calls."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from roost.events.preferences import ChannelKind
from roost.server_settings import ServerSettings


class CostCap(StrEnum):
    """Period and reach of a cap."""

    DAY = "day"
    MONTH = "month"
    STATION_DAY = "station_day"
    STATION_MONTH = "station_month"


class AtCostCap(StrEnum):
    """Effect of a reached cap on messages that are not urgent."""

    WAIT = "wait"
    CHEAPER = "cheaper"


class MessageCostSettings(ServerSettings):
    """Settings of the cost of messages, and of calls."""

    message_prices_fen: dict[ChannelKind, Annotated[float, Field(ge=0, le=100_000)]] = Field(
        default_factory=dict,
        description="price in fen by kind of channel, as JSON: of a message, and of an SMS of each "
        'segment, e.g. {"sms": 4.5, "voice": 12}; a kind without a price costs nothing',
    )
    message_caps_yuan: dict[CostCap, Annotated[float, Field(ge=0, le=10_000_000)]] = Field(
        default_factory=dict,
        description="caps on the cost of messages in yuan, as JSON: day and month for the county, "
        'station_day and station_month for each station, e.g. {"day": 200, "month": 3000}; urgent '
        "messages are counted and not held",
    )
    at_cost_cap: AtCostCap = Field(
        AtCostCap.WAIT,
        description="effect of a reached cap: wait for the next day or month, or cheaper: the "
        "recipient's next channel with a lower price, if there is one",
    )
    call_hours: str = Field(
        "09:00-20:00",
        pattern=r"^(([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)?$",
        description="hours of calls that are not urgent; empty for any time outside quiet hours",
    )
