"""Openings as JobPosting and as a feed: the structure that search engines and readers expect."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from xml.etree import ElementTree

import pytest

from api.public import feed
from api.public.job_posting import job_posting, paid
from producers import facts, simulator
from roost.events.common import Wage
from roost.events.opening import Opening, OpeningContent
from roost.places.gazetteer import gazetteer

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
        said = job_posting(opening, DAY, URL, gazetteer())
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
    said = job_posting(made(description="<script>\n\n砌墙 & 抹灰"), DAY, URL, gazetteer())
    assert said["description"] == "<p>&lt;script&gt;</p><p>砌墙 &amp; 抹灰</p>"


def test_only_known_properties_are_published() -> None:
    full = made(
        validThrough="2027-01-31",
        experienceRequirements=1.5,
        educationRequirements="bachelor",
        datePosted="2026-11-01",
    )
    said = job_posting(full, DAY, URL, gazetteer())
    assert said["validThrough"] == "2027-01-31T23:59:59"
    assert said["datePosted"] == "2026-11-01"
    assert said["experienceRequirements"]["monthsOfExperience"] == 18
    assert said["educationRequirements"]["credentialCategory"] == "bachelor degree"
    bare = job_posting(made(), DAY, URL, gazetteer())
    assert bare["datePosted"] == "2026-11-25"


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
