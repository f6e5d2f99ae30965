"""Suggestions in the form of an opening."""

from __future__ import annotations

from typing import Any

import pytest

from api.console.employer import opening_form as form
from api.console.employer.suggested_fields import offers, with_offers
from roost.events.account import AccountRole
from tests.unit.api.console.pages import Signed

TEXT = "会焊接，须持焊工证，3年以上经验，高中学历，两班倒，包吃住，招10人"
NEW = "/console/employer/openings/new"


def typed(**changes: Any) -> dict[str, Any]:
    return form.blank({"id": "x", "name": "某厂"}) | {"description": TEXT, **changes}


def test_the_form_offers_what_its_text_states() -> None:
    assert {each.key: each.words for each in offers(typed())} == {
        "skills=焊接": "焊接",
        "licencesRequired=焊工证": "焊工证",
        "experienceRequirements=3": "3年以上经验",
        "educationRequirements=senior": "高中学历",
        "shifts=rotating": "两班倒",
        "lodging=yes": "包吃住",
        "meals=yes": "包吃住",
        "totalJobOpenings=10": "招10人",
    }


def test_chosen_offers_fill_their_fields_and_are_offered_no_more() -> None:
    before = typed(skills="砌墙")
    added = with_offers(before, [each.key for each in offers(before)])
    assert added["skills"] == "砌墙\n焊接"
    assert added["licencesRequired"] == "焊工证"
    assert (added["experienceRequirements"], added["totalJobOpenings"]) == ("3", "10")
    assert (added["educationRequirements"], added["shifts"]) == ("senior", ("rotating",))
    assert (added["lodging"], added["meals"]) == ("yes", "yes")
    assert offers(added) == []


@pytest.mark.parametrize("key", ["skills=挖矿", "status=closed", "", "skills", "lodging=no"])
def test_nothing_that_the_text_does_not_state_is_added(key: str) -> None:
    assert with_offers(typed(), [key]) == typed()


def test_a_form_with_an_invalid_text_has_no_offers() -> None:
    assert offers(typed(title="a\nb")) == []


async def test_without_a_script_a_check_shows_the_offers_and_a_tick_adds_them() -> None:
    employer = Signed(AccountRole.EMPLOYER, employer_id="x", language="zh")
    fields = {"title": "焊工", "description": TEXT, "totalJobOpenings": "1"}
    checked = await employer.send(NEW, step="check", **fields)
    assert checked.status_code == 200, checked.text
    assert 'value="skills=焊接"' in checked.text
    assert "从正文中识别到的内容" in checked.text
    again = await employer.send(NEW, step="check", suggested="skills=焊接", **fields)
    assert 'value="skills=焊接"' not in again.text
    assert 'value="licencesRequired=焊工证"' in again.text
