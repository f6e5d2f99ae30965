"""Interviews as a calendar file (iCalendar, RFC 5545). Pure.

Calendars are kept by services that the county does not run, so an entry names no worker: it has the
time, the title of the opening, and the address of the match's page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MEDIA = "text/calendar; charset=utf-8"
LENGTH = timedelta(minutes=30)
"""Length of an entry: no interview states when it ends."""
LINE_OCTETS = 75
"""Longest line without its end (RFC 5545, 3.1)."""
ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
"""Characters of a text that are written otherwise (RFC 5545, 3.3.11)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One interview: `uid` stays the same when it is moved, and `sequence` rises then."""

    uid: str
    sequence: int
    at: datetime
    changed_at: datetime
    summary: str
    url: str


def calendar_file(name: str, entries: Iterable[Entry]) -> bytes:
    """Return the file of a calendar."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Roost//Roost//EN",
        "METHOD:PUBLISH",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        f"X-WR-CALNAME:{_text(name)}",
        *(line for each in entries for line in _entry(each)),
        "END:VCALENDAR",
    ]
    return b"".join(piece for line in lines for piece in _folded(line))


def entry_of(document: Mapping[str, object], summary: str, url: str) -> Entry:
    """Return the entry of a match's document, which has an interview."""
    fact = document["fact"]
    assert isinstance(fact, Mapping)
    return Entry(
        uid=f"{fact['id']}@roost",
        sequence=int(fact.get("interviews", 0)),
        at=datetime.fromisoformat(str(fact["interviewAt"])),
        changed_at=datetime.fromisoformat(str(fact["changedAt"])),
        summary=summary,
        url=url,
    )


def _entry(each: Entry) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{each.uid}"
    yield f"SEQUENCE:{each.sequence}"
    yield f"DTSTAMP:{_moment(each.changed_at)}"
    yield f"DTSTART:{_moment(each.at)}"
    yield f"DTEND:{_moment(each.at + LENGTH)}"
    yield f"SUMMARY:{_text(each.summary)}"
    yield f"URL:{each.url}"
    yield "END:VEVENT"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    """Return a text without the characters that end a line or stand for something else."""
    return "\n".join(text.splitlines()).translate(ESCAPES)


def _folded(line: str) -> Iterator[bytes]:
    """Yield a line in pieces of at most 75 octets, none of which splits a character."""
    piece, room = b"", LINE_OCTETS
    for character in line:
        octets = character.encode("utf-8", "replace")
        if len(piece) + len(octets) > room:
            yield piece + b"\r\n "
            piece, room = b"", LINE_OCTETS - 1
        piece += octets
    yield piece + b"\r\n"
