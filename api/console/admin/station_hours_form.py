"""Opening hours in the form of a station: a line for each day of the week, and periods. Pure.

A day is written as `08:30-12:00 14:30-18:00`; empty if closed. A period is a line such as
`2026-10-01 2026-10-02 09:00-12:00`, or with `closed` (休息) in place of the hours. Separators may
be Chinese punctuation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from pydantic_core import PydanticCustomError

from api.console.shell.form_layout import lines_of
from roost.errors import FieldError, Invalid
from roost.events.opening_hours import (
    LAST_MINUTE,
    WEEK,
    OpeningHours,
    clock_span,
    stored_hours,
)

GROUP = "hours"
DAYS = {f"{GROUP}.{day.number + 1}": day for day in WEEK}
"""Field of each day of the week."""
PERIODS = "periods"
CLOSED = {"closed", "休息", "不开放", "闭馆"}
_DASHES = re.compile(r"\s*[-‐‑‒–—―−~〜至到]\s*")
_SEPARATORS = re.compile(r"[\s,;、]+")
_SHORT_HOUR = re.compile(r"(?<!\d)(\d):")
_HOURS = ("Enter hours such as 08:30-12:00 14:30-18:00", "请填写时间，例如 08:30-12:00 14:30-18:00")
_PERIOD = (
    "Enter a line such as 2026-10-01 2026-10-02 09:00-12:00, or closed in place of the hours",
    "每行请填写如 2026-10-01 2026-10-02 09:00-12:00；不开放的，以“休息”代替时间",
)
Json = dict[str, Any]


def submitted_hours(body: Json) -> Json:
    """Return a form's JSON body with `openingHours` in place of the fields of this module.

    Raises Invalid with the error of each field.
    """
    faults: list[FieldError] = []
    entries: list[Json] = []
    week = body.get(GROUP, {})
    for name, day in DAYS.items():
        try:
            spans = _spans(week.get(name.removeprefix(f"{GROUP}."), ""))
        except PydanticCustomError:
            faults.append(FieldError(name, *_HOURS))
        else:
            entries += [{"dayOfWeek": [day.value], **span} for span in spans]
    for line in lines_of(body.get(PERIODS, "")):
        try:
            entries += _period(line)
        except (PydanticCustomError, ValueError):
            faults.append(FieldError(PERIODS, *_PERIOD))
    if faults:
        raise Invalid(faults[0].message, faults[0].message_zh, fields=tuple(faults))
    rest = {name: value for name, value in body.items() if name not in (GROUP, PERIODS)}
    return rest | ({"openingHours": _merged(entries)} if entries else {})


def shown_hours(station: Mapping[str, Any]) -> Json:
    """Return the fields of a stored station's opening hours."""
    entries = stored_hours(station.get("openingHours"))
    week = {
        name: " ".join(_text(each) for each in entries if each.weekly and day in each.day_of_week)
        for name, day in DAYS.items()
    }
    lines = [line for each in entries if not each.weekly for line in _lines(each)]
    return week | {PERIODS: "\n".join(lines)}


def _spans(text: str) -> list[Json]:
    """Return the hours of a day. Raises PydanticCustomError."""
    plain = _plain(text)
    spans = [clock_span(each) for each in _SEPARATORS.split(plain) if each]
    return [{"opens": f"{opens:%H:%M}", "closes": f"{closes:%H:%M}"} for opens, closes in spans]


def _period(line: str) -> list[Json]:
    """Return the entries of a period's line. Raises ValueError and PydanticCustomError."""
    plain = unicodedata.normalize("NFKC", line)
    days = re.findall(r"\d{4}-\d{2}-\d{2}", plain)
    if not 1 <= len(days) <= 2:
        raise ValueError("one or two days are needed")
    ends = {"validFrom": str(date.fromisoformat(days[0]))}
    ends["validThrough"] = str(date.fromisoformat(days[-1]))
    rest = plain[plain.rindex(days[-1]) + len(days[-1]) :].strip(" ,:;")
    if rest.lower() in CLOSED:
        return [ends]
    spans = _spans(rest)
    if not spans:
        raise ValueError("hours are needed")
    return [{**ends, **span} for span in spans]


def _plain(text: str) -> str:
    """Return hours with ASCII digits and marks, and two digits for each hour."""
    text = _DASHES.sub("-", unicodedata.normalize("NFKC", text))
    return _SHORT_HOUR.sub(r"0\1:", text)


def _merged(entries: list[Json]) -> list[Json]:
    """Return the entries with days of equal hours in one entry."""
    merged: list[Json] = []
    for each in entries:
        days, rest = each.get("dayOfWeek"), {k: v for k, v in each.items() if k != "dayOfWeek"}
        same = next((one for one in merged if days and _hours_of(one) == rest), None)
        if same is None:
            merged.append(dict(each) | ({"dayOfWeek": list(days)} if days else {}))
        else:
            same["dayOfWeek"] += days
    return merged


def _hours_of(entry: Json) -> Json:
    return {name: value for name, value in entry.items() if name != "dayOfWeek"}


def _lines(entry: OpeningHours) -> list[str]:
    """Return a period as lines; one for each run of days if it concerns some days of the week."""
    runs: list[list[date]] = []
    for day in entry.days():
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    hours = _text(entry) if entry.opens else "closed"
    return [f"{run[0]} {run[-1]} {hours}" for run in runs]


def _text(entry: OpeningHours) -> str:
    closes = "24:00" if entry.closes == LAST_MINUTE else f"{entry.closes:%H:%M}"
    return f"{entry.opens:%H:%M}-{closes}"
