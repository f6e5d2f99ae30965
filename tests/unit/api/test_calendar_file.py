"""Calendars of interviews: the form of RFC 5545 for every text, and no worker's name."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from api.today.calendar_file import LINE_OCTETS, Entry, calendar_file, entry_of
from tests.unit.api.builders import NOW


def entry(summary: str) -> Entry:
    return Entry("m-1@roost", 2, NOW, NOW, summary, "https://jobs.example/console/matches/m-1")


def unfolded(content: bytes) -> list[str]:
    text = content.decode()
    assert text.endswith("\r\n")
    return text.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


@given(st.text(max_size=200))
def test_no_text_ends_a_line_or_makes_one_too_long(summary: str) -> None:
    content = calendar_file("Roost", [entry(summary)])
    assert all(len(line) <= LINE_OCTETS for line in content.split(b"\r\n"))
    lines = unfolded(content)
    assert [each.partition(":")[0] for each in lines] == [
        *("BEGIN", "VERSION", "PRODID", "METHOD", "REFRESH-INTERVAL;VALUE=DURATION"),
        *("X-WR-CALNAME", "BEGIN", "UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND"),
        *("SUMMARY", "URL", "END", "END"),
    ]


def test_a_text_is_escaped_and_times_are_utc() -> None:
    lines = unfolded(calendar_file("面试", [entry("面试：焊工; A, B\\C\nD")]))
    assert "SUMMARY:面试：焊工\\; A\\, B\\\\C\\nD" in lines
    assert "X-WR-CALNAME:面试" in lines
    assert f"DTSTART:{NOW.astimezone(UTC):%Y%m%dT%H%M%SZ}" in lines
    assert "SEQUENCE:2" in lines


def test_an_entry_keeps_its_identity_when_the_interview_is_moved() -> None:
    at = datetime(2026, 12, 3, 1, 0, tzinfo=UTC)
    fact = {"id": "m-1", "interviewAt": at.isoformat(), "changedAt": NOW.isoformat()}
    first = entry_of({"fact": fact | {"interviews": 1}}, "x", "y")
    moved = entry_of({"fact": fact | {"interviews": 2}}, "x", "y")
    assert (first.uid, first.sequence) == ("m-1@roost", 1)
    assert (moved.uid, moved.sequence, moved.at) == ("m-1@roost", 2, at)
