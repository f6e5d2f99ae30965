"""The page of an opening shows every entry of its form."""

from __future__ import annotations

from typing import Any

import pytest

from api.console.employer.opening_facts import opening_facts
from api.console.employer.opening_form import LAYOUT
from api.console.shell.form_layout import at, put
from api.console.shell.rendering import environment
from api.console.shell.translations import say_in
from roost.events.opening import OpeningContent

ELSEWHERE = {"hiringOrganization.id", "hiringOrganization.name", "title", "description"}
"""Fields that the page shows beyond the list of facts."""
ENTERED: dict[str, Any] = {
    "identifier": "K-17",
    "occupationalCategory": "砌筑工",
    "baseSalary.minValue": 7000.0,
    "baseSalary.maxValue": 8000.0,
    "baseSalary.unitText": "PIECE",
    "baseSalary.currency": "CNY",
    "baseSalary.piecesPerDay": 350.0,
    "jobLocation.name": "太原市小店区",
    "totalJobOpenings": 12,
    "employmentType": "PART_TIME",
    "experienceRequirements": 2.5,
    "educationRequirements": "college",
    "jobStartDate": "2027-01-10",
    "validThrough": "2027-05-01",
    "workplace": "incubator",
    "skills": ["砌墙", "抹灰"],
    "preferredSkills": ["识图"],
    "licencesRequired": ["焊工证"],
    "jobBenefits": ["班车"],
    "shifts": ["rotating"],
    "lodging": True,
    "meals": True,
}


def opening_without(*left_out: str) -> dict[str, Any]:
    wire: dict[str, Any] = {"title": "砌筑工", "hiringOrganization": {"id": "x", "name": "某厂"}}
    for name, value in ENTERED.items():
        if name not in left_out:
            put(wire, name, value)
    return wire


def test_the_example_enters_every_field() -> None:
    assert {*ENTERED, *ELSEWHERE} == set(LAYOUT.fields)
    stored = OpeningContent.model_validate(opening_without()).to_dict()
    assert all(at(stored, name) is not None for name in ENTERED)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", sorted(ENTERED))
def test_every_entry_is_shown(name: str, language: str) -> None:
    say = say_in(language)
    other: dict[str, Any] = {"baseSalary.unitText": "DAY", "baseSalary.currency": "USD"}
    changed = opening_without(name)
    if name in other:
        put(changed, name, other[name])
    assert opening_facts(opening_without(), say) != opening_facts(changed, say)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_fact_has_a_label_and_no_code(language: str) -> None:
    say = say_in(language)
    shown = {say(f"employer.{key}"): text for key, text in opening_facts(opening_without(), say)}
    codes = {"PART_TIME", "PIECE", "incubator", "college", "rotating", "True"}
    assert not codes & {word for text in shown.values() for word in text.split()}
    assert len(shown) >= 18


def test_a_place_that_is_stored_by_its_key_is_shown_by_its_name() -> None:
    stored = {"title": "x", "jobLocation": {"name": "cn:1402"}}
    assert ("place", "山西省大同市") in opening_facts(stored, say_in("zh"))
    template = environment().from_string("{{ key | place }} {{ name | place }}")
    assert template.render(key="cn:11", name="大同市云冈区某街") == "北京市 大同市云冈区某街"


def test_an_empty_opening_shows_no_empty_lines() -> None:
    assert all(text for _, text in opening_facts({"title": "x"}, say_in("en")))
