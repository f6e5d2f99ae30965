"""The overview as it is answered. What each figure means: docs/overview.md."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from api.overview.questions import By
from roost.events.common import Model


class FirstContact(Model):
    """Of the matches proposed then: how long they waited for a first contact."""

    called: int = Field(0, description="how many had a first contact so far")
    p50_minutes: float | None = Field(None, description="half of them waited no longer")
    p90_minutes: float | None = Field(None, description="nine of ten waited no longer")
    in_time: int = Field(0, description="called within the target")
    breaches: int = Field(0, description="waited past the target, called since or not")
    share_in_time: float | None = Field(
        None, description="in_time of all that were in time or breached; none when there is none"
    )


class Figures(Model):
    proposed: int = 0
    waiting: int = Field(0, description="waited for somebody at the end of the day, or period")
    claimed: int = 0
    contacted: int = Field(0, description="the worker was reached for the first time")
    accepted: int = Field(0, description="the worker said yes")
    referred: int = 0
    interviewed: int = Field(0, description="an interview was arranged")
    placed: int = Field(0, description="placements in person-times (人次)")
    persons: int = Field(0, description="different people placed; nobody is counted twice")
    declined: int = 0
    expired: int = 0
    first_contact: FirstContact = FirstContact()


class Row(Figures):
    """One day, one station, or a day of a station."""

    day: date | None = None
    station: str | None = None
    station_name: str | None = None


class Standing(Model):
    """How it stands at this moment, whatever the period."""

    waiting: int
    claimed: int
    contacted: int
    referred: int
    interviewed: int
    breaches: int = Field(description="wait for a first contact, and past the target")
    oldest: datetime | None = Field(description="when the one that waits longest was proposed")


class Exposure(Model):
    """To how many openings each worker was proposed in the period."""

    workers: int
    matches: int
    mean: float | None
    p50: float | None = Field(description="none for more workers than are compared")
    p90: float | None = Field(description="none for more workers than are compared")
    most: int


class Overview(Model):
    first: date
    last: date
    by: By
    time_zone: str
    target_minutes: float
    now: Standing
    total: Figures
    rows: list[Row]
    exposure: Exposure
