"""Answers of the endpoints of a day's work."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field

from api.matches.schemas import MatchFact
from roost.events.common import Model, StationId


class Whose(StrEnum):
    """Matches that a day's work is about: one's own, or those of all of one's stations."""

    MINE = "me"
    STATIONS = "stations"


class DayCounts(Model):
    """Numbers of active matches; `unclaimed` of all the caller's stations."""

    calls: int = Field(description="workers who asked to be called by the end of the day")
    interviews: int = Field(description="interviews of the day")
    overdue: int
    active: int
    unclaimed: int


class DoneFigures(Model):
    """Numbers of matches that took each step within a period."""

    reached: int
    referred: int
    interviews: int = Field(description="interviews that were arranged")
    placed: int


class DaysWork(Model):
    """The work of a day: whom to call, which interviews there are, and what was achieved."""

    day: date
    time_zone: str
    whose: Whose
    counts: DayCounts
    today: DoneFigures
    week: DoneFigures = Field(description="the seven days that end today")
    calls: list[MatchFact] = Field(
        description="matches with a call that is due, the earliest first; at most 100"
    )
    interviews: list[MatchFact] = Field(
        description="interviews from today on for two weeks, the earliest first; at most 200"
    )


class ColleagueLoad(Model):
    """Load of one colleague at a station."""

    id: str
    name: str | None = Field(description="null for a holder who works here no longer")
    active: int
    overdue: int
    calls: int = Field(description="calls due by the end of the day")
    interviews: int = Field(description="interviews from today on for two weeks")
    placed_in_week: int


class Workload(Model):
    """Load of a station's colleagues, the heaviest first."""

    station: StationId
    unclaimed: int
    items: list[ColleagueLoad]
