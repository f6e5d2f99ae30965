"""Overview of the queues, as it is answered. docs/overview.md defines each figure."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from api.overview.overview_query import Grouping
from roost.events.common import Model


class FirstContact(Model):
    """Waiting times until the first contact, of the matches proposed in a period."""

    called: int = Field(0, description="matches with a first contact so far")
    p50_minutes: float | None = Field(None, description="half of them waited no longer")
    p90_minutes: float | None = Field(None, description="nine of ten waited no longer")
    in_time: int = Field(0, description="called within the target")
    breaches: int = Field(0, description="waited past the target, whether called since or not")
    share_in_time: float | None = Field(
        None, description="`in_time` divided by `in_time` + `breaches`; null if both are 0"
    )


class OverviewFigures(Model):
    """Numbers of matches by event, of a day, a station or a period."""

    proposed: int = 0
    waiting: int = Field(0, description="unclaimed at the end of the day, or period")
    claimed: int = 0
    contacted: int = Field(0, description="the worker was reached for the first time")
    accepted: int = Field(0, description="the worker accepted")
    referred: int = 0
    interviewed: int = Field(0, description="an interview was arranged")
    placed: int = Field(0, description="placements in person-times (人次)")
    persons: int = Field(0, description="different people placed; each is counted once")
    declined: int = 0
    expired: int = 0
    first_contact: FirstContact = FirstContact()


class OverviewRow(OverviewFigures):
    """Figures of one day, of one station, or of a day of a station."""

    day: date | None = None
    station: str | None = None
    station_name: str | None = None


class CurrentFigures(Model):
    """Figures of this moment, independent of the period."""

    waiting: int
    claimed: int
    contacted: int
    referred: int
    interviewed: int
    breaches: int = Field(description="await a first contact, and past the target")
    oldest: datetime | None = Field(description="when the one that waits longest was proposed")


class Exposure(Model):
    """Number of openings to which each worker was proposed in the period."""

    workers: int
    matches: int
    mean: float | None
    p50: float | None = Field(description="null for more workers than can be compared")
    p90: float | None = Field(description="null for more workers than can be compared")
    most: int


class Overview(Model):
    """Figures of the present, the period, and each day or station of it."""

    first: date
    last: date
    by: Grouping
    time_zone: str
    target_minutes: float
    now: CurrentFigures
    total: OverviewFigures
    rows: list[OverviewRow]
    exposure: Exposure
