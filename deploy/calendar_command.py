"""`roost calendar`: the days of a year on which stations are closed or make up for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from roost.settings import Settings
from roost.time.clock import SystemClock, day_of
from roost.time.county_calendar import YEARS, CountyCalendar


def calendar_command(
    year: Annotated[
        int | None, typer.Option(min=YEARS[0], max=YEARS[-1], help="By default the current one.")
    ] = None,
) -> None:
    """Print the holidays and make-up working days of a year, with the county's own file over them.

    Examples:
        roost calendar

        roost calendar --year 2027
    """
    settings = Settings()
    hours = settings.read_county_hours()
    shown = year or day_of(SystemClock().now(), settings.zone).year
    for line in calendar_lines(hours.calendar, shown):
        typer.echo(line)
    typer.echo(f"usual opening hours · 默认开放时间: {settings.station_hours}")


def calendar_lines(calendar: CountyCalendar, year: int) -> Iterator[str]:
    """Yield a line for each holiday and make-up working day of a year."""
    for day, named in calendar.year(year):
        yield f"{day}  {day:%a}  {named.kind:8} {named.name}".rstrip()
    if not calendar.is_complete(year):
        yield (
            f"The make-up working days of {year} are unknown; statutory holidays only · "
            f"{year} 年调休安排未知，仅含法定节假日"
        )
