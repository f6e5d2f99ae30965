"""The form of an opening: everything wrong with it at once, and what is not shown stays."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from starlette.datastructures import FormData

from api.console.employer import opening_form as form
from api.console.employer.opening_form import LAYOUT
from producers import facts
from roost.events.opening import Opening, OpeningContent

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
EMPLOYER = {"id": "taiyuan-jianzhu", "name": "太原示例建筑公司"}
WELL = {
    "title": "砌筑工",
    "jobLocation.name": "山西省太原市",
    "totalJobOpenings": "6",
    "employmentType": "FULL_TIME",
    "baseSalary.minValue": "280",
    "baseSalary.unitText": "DAY",
    "baseSalary.currency": "CNY",
    "skills": "砌墙\n抹灰",
}


def judged(standing: Opening | None = None, **changes: str) -> form.CheckedOpening:
    typed = LAYOUT.typed(
        FormData(WELL | {name.replace("__", "."): v for name, v in changes.items()})
    )
    return form.check_opening(form.wire_of(typed, EMPLOYER, standing), standing, NOW, NOW.date())


def errors(**changes: str) -> dict[str, str]:
    found = judged(**changes)
    assert found.content is None
    return {each.field: each.message for each in found.errors}


def test_what_is_well_is_the_content_of_an_opening_of_the_employer_that_writes() -> None:
    content = judged(hiringOrganization__id="another").content
    assert content is not None
    assert content.hiring_organization.id == EMPLOYER["id"]
    assert content.total_job_openings == 6
    assert content.base_salary is not None


def test_a_wage_that_is_not_said_is_none() -> None:
    content = judged(baseSalary__minValue="").content
    assert content is not None
    assert content.base_salary is None


def test_what_the_law_forbids_is_told_while_other_fields_are_still_empty() -> None:
    found = errors(title="", description="限男性，35岁以下", jobLocation__name="")
    assert {"title", "jobLocation", "description"} <= set(found)
    assert "law forbids" in found["description"]


def test_a_place_that_nobody_knows_is_told_beside_a_number_that_is_none() -> None:
    found = errors(jobLocation__name="乌有镇乌有村", totalJobOpenings="many")
    assert set(found) == {"jobLocation", "totalJobOpenings"}


def test_a_last_day_that_has_passed_is_told() -> None:
    assert set(errors(validThrough="2020-01-01")) == {"validThrough"}


@pytest.fixture
def standing() -> Opening:
    content = OpeningContent.model_validate(
        {
            "hiringOrganization": EMPLOYER,
            "title": "旧名",
            "jobLocation": {"name": "山西省太原市"},
            "datePosted": "2026-11-01",
            "inLanguage": "en",
            "skills": ["旧"],
        }
    )
    return facts.opening_posted(content, at=NOW, today=NOW.date())[0]


def test_an_edit_keeps_what_the_form_does_not_show_and_empties_what_was_emptied(
    standing: Opening,
) -> None:
    content = judged(standing, skills="").content
    assert content is not None
    assert (content.title, content.skills) == ("砌筑工", ())
    assert content.in_language == "en"
    assert content.date_posted == standing.date_posted
    assert content.job_location == standing.job_location


def test_the_form_shows_what_stands_and_saving_it_changes_nothing(standing: Opening) -> None:
    typed = LAYOUT.shown(standing.to_dict())
    found = form.check_opening(form.wire_of(typed, None, standing), standing, NOW, NOW.date())
    assert found.content is not None
    assert found.content.to_dict() == {
        name: value
        for name, value in standing.to_dict().items()
        if name not in {"id", "status", "source"}
    }
