"""Time that the form of a contact suggests for the next call: an hour ahead, while it is open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from pathlib import Path

from api.ports.services import Services
from roost.events.station import Station
from roost.time.open_time import (
    NoOpenTime,
    Schedule,
    add_working_time,
    is_open,
    next_open,
)
from roost.time.station_hours import CountyHours, county_hours
from roost.topics import STATIONS

AHEAD = timedelta(hours=1)
"""Opening hours between a call and the suggested next one."""
STEP = timedelta(minutes=30)
"""Suggested times are multiples of this."""


async def suggested_call(given: Services, station_id: str | None) -> str:
    """Return the suggested local time as a `datetime-local` field takes it; empty if none is open.

    It lies in the opening hours of the station, or of the county without a station.
    """
    settings = given.settings
    document = await given.elastic.get(STATIONS.name, station_id) if station_id else None
    fact = document.get("fact") if document else None
    station = Station.from_stored(fact) if fact else None
    schedule = _county_hours(
        settings.calendar, settings.county_calendar, settings.station_hours, settings.zone
    ).of(station)
    try:
        found = next_call(given.clock.now(), schedule)
    except NoOpenTime:
        return ""
    return found.astimezone(settings.zone).strftime("%Y-%m-%dT%H:%M")


def next_call(now: datetime, schedule: Schedule) -> datetime:
    """Return the first half hour after an hour of opening hours. Raises NoOpenTime. Pure."""
    found = _rounded_up(add_working_time(now, AHEAD, schedule))
    return found if is_open(found, schedule) else _rounded_up(next_open(found, schedule))


def _rounded_up(moment: datetime) -> datetime:
    beginning = datetime.min.replace(tzinfo=UTC)
    return beginning + -(-(moment - beginning) // STEP) * STEP


@lru_cache(maxsize=4)
def _county_hours(calendar: str, own: Path | None, usual: str, zone: tzinfo) -> CountyHours:
    """Return the county's hours; their file is read once."""
    return county_hours(calendar, own, usual, zone)
