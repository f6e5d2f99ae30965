"""Openings as JobPosting and as a feed: the structure that search engines and readers expect."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.public import feed
from api.public.job_posting import job_posting, paid
from producers import facts, simulator
from roost.events.common import Wage
from roost.events.opening import Opening, OpeningContent
from roost.places.gazetteer import gazetteer
from roost.time.clock import day_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 11, 25)
AT = datetime(2026, 11, 25, tzinfo=UTC)
URL = "http://test/v1/public/openings/1"
REQUIRED = {"title", "description", "datePosted", "hiringOrganization", "jobLocation"}


def made(**changes: Any) -> Opening:
    content = OpeningContent.model_validate(next(simulator.openings(1)).to_dict() | changes)
    return facts.opening_posted(content, at=AT, today=DAY)[0]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_opening_has_what_search_engines_require(language: str) -> None:
    for content in simulator.openings(50, language=language):
        opening, _ = facts.opening_posted(content, at=AT, today=DAY)
        said = job_posting(opening, AT, URL, gazetteer(), SHANGHAI)
        assert said.keys() >= REQUIRED
        assert all(said[name] for name in REQUIRED)
        assert (said["@context"], said["@type"]) == ("https://schema.org/", "JobPosting")
        assert said["hiringOrganization"]["@type"] == "Organization"
        assert said["identifier"]["@type"] == "PropertyValue"
        address = said["jobLocation"]["address"]
        assert address["@type"] == "PostalAddress"
        assert address["addressLocality"]
        assert address["addressCountry"] in {"CN", "US"}
        assert said["directApply"] is False
        if "baseSalary" in said:
            value = said["baseSalary"]["value"]
            assert (said["baseSalary"]["@type"], value["@type"]) == (
                "MonetaryAmount",
                "QuantitativeValue",
            )
            assert value["unitText"] in {"HOUR", "DAY", "WEEK", "MONTH", "YEAR"}


def test_the_text_of_an_opening_is_escaped() -> None:
    said = job_posting(made(description="<script>\n\n砌墙 & 抹灰"), AT, URL, gazetteer(), SHANGHAI)
    assert said["description"] == "<p>&lt;script&gt;</p><p>砌墙 &amp; 抹灰</p>"


def test_only_known_properties_are_published() -> None:
    full = made(
        validThrough="2027-01-31",
        experienceRequirements=1.5,
        educationRequirements="bachelor",
        datePosted="2026-11-01",
    )
    said = job_posting(full, AT, URL, gazetteer(), SHANGHAI)
    assert said["validThrough"] == "2027-01-31T23:59:59+08:00"
    assert said["datePosted"] == "2026-11-01"
    assert said["experienceRequirements"]["monthsOfExperience"] == 18
    assert said["educationRequirements"]["credentialCategory"] == "bachelor degree"
    bare = job_posting(made(), AT, URL, gazetteer(), SHANGHAI)
    assert bare["datePosted"] == "2026-11-25"


@pytest.mark.parametrize(
    ("posted", "day"),
    [("2026-11-01T23:00:00+00:00", "2026-11-02"), ("2026-11-02T15:59:59+00:00", "2026-11-02")],
)
def test_the_day_of_posting_is_the_countys(posted: str, day: str) -> None:
    said = job_posting(made(), datetime.fromisoformat(posted), URL, gazetteer(), SHANGHAI)
    assert said["datePosted"] == day


@pytest.mark.parametrize(
    ("zone", "day", "ends"),
    [
        ("Asia/Shanghai", "2026-12-31", "2026-12-31T23:59:59+08:00"),
        ("America/New_York", "2026-07-01", "2026-07-01T23:59:59-04:00"),
        ("America/New_York", "2026-11-01", "2026-11-01T23:59:59-05:00"),
        ("Africa/Cairo", "2026-04-23", "2026-04-23T23:59:59+02:00"),
        ("Asia/Shanghai", "9999-12-31", "9999-12-31T23:59:59+08:00"),
    ],
)
def test_the_last_day_ends_in_the_countys_time_zone(zone: str, day: str, ends: str) -> None:
    opening = made().model_copy(update={"valid_through": date.fromisoformat(day)})
    said = job_posting(opening, AT, URL, gazetteer(), ZoneInfo(zone))
    assert said["validThrough"] == ends


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
    st.dates(date(2026, 1, 1), date(2027, 1, 1)),
    st.sampled_from(["Asia/Shanghai", "America/New_York", "Africa/Cairo", "UTC"]),
)
def test_an_opening_is_matched_exactly_until_its_published_end(
    naive: datetime, last_day: date, name: str
) -> None:
    zone, now = ZoneInfo(name), naive.replace(tzinfo=UTC)
    opening = made().model_copy(update={"valid_through": last_day})
    said = job_posting(opening, AT, URL, gazetteer(), zone)
    ends = datetime.fromisoformat(said["validThrough"]) + timedelta(seconds=1)
    assert opening.can_be_matched(day_of(now, zone)) == (now < ends)


@pytest.mark.parametrize(
    ("wage", "value"),
    [
        ({"minValue": 280, "maxValue": 350, "unitText": "DAY"}, {"minValue": 280, "maxValue": 350}),
        ({"minValue": 280, "maxValue": 280, "unitText": "DAY"}, {"value": 280}),
        ({"minValue": 2, "unitText": "PIECE", "piecesPerDay": 100}, {"value": 4350}),
    ],
)
def test_wages_are_published_as_amounts(wage: dict[str, Any], value: dict[str, Any]) -> None:
    said = paid(Wage.model_validate(wage))
    assert said is not None
    assert {name: said["value"].get(name) for name in value} == value


def test_a_piece_rate_without_pieces_is_left_out() -> None:
    assert paid(Wage.model_validate({"minValue": 2, "unitText": "PIECE"})) is None


def test_a_feed_is_atom_and_takes_any_text() -> None:
    listed = [feed.Listed(made(description="a < b & c"), AT, URL)]
    said = ElementTree.fromstring(feed.atom(listed, "http://test/f", "http://test/f?cursor=x", AT))
    name = "{http://www.w3.org/2005/Atom}"
    assert said.tag == f"{name}feed"
    for each in (said, said.find(f"{name}entry")):
        assert each is not None
        assert all(each.findtext(f"{name}{part}") for part in ("id", "title", "updated"))
    links = {each.get("rel"): each.get("href") for each in said.findall(f"{name}link")}
    assert links["next"] == "http://test/f?cursor=x"
    content = said.find(f"{name}entry/{name}content")
    assert content is not None
    assert content.text == "<p>a &lt; b &amp; c</p>"
