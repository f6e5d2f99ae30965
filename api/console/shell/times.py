"""Moments in the words of a page: in the county's time zone, and as time elapsed. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from api.console.shell.translations import Say

MINUTE, HOUR, DAY = 60, 3_600, 86_400


@dataclass(frozen=True, slots=True)
class Times:
    """Formatter of moments for one reader."""

    now: datetime
    zone: str
    language: str
    say: Say

    def local(self, moment: datetime | str) -> datetime:
        """Return the moment in the county's time zone."""
        parsed = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        return parsed.astimezone(ZoneInfo(self.zone))

    def at(self, moment: datetime | str) -> str:
        """Return `11月25日 09:05` or `25 Nov 09:05`, with the year if it is not the current one."""
        when = self.local(moment)
        return f"{self.day(when.date())} {when:%H:%M}"

    def day(self, day: date) -> str:
        """Return `11月25日` or `25 Nov`, with the year if it is not the current one."""
        year = day.year != self.local(self.now).year
        if self.language == "zh":
            return f"{f'{day.year}年' if year else ''}{day.month}月{day.day}日"
        return f"{day.day} {MONTHS[day.month - 1]}{f' {day.year}' if year else ''}"

    def ago(self, moment: datetime | str) -> str:
        """Return `3 min ago` or `3 分钟前`; a moment in the future counts as now."""
        seconds = (self.now - self.local(moment)).total_seconds()
        if seconds < MINUTE:
            return self.say("shell.times.now")
        for unit, name in ((DAY, "days"), (HOUR, "hours"), (MINUTE, "minutes")):
            if seconds >= unit:
                return self.say(f"shell.times.{name}", n=int(seconds // unit))
        return self.say("shell.times.now")


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
