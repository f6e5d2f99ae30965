"""Form of an opening: every fault at once, and fields that are not shown keep their values."""

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
FAULTLESS = {
    "title": "砌筑工",
    "jobLocation.name": "山西省太原市",
    "totalJobOpenings": "6",
    "employmentType": "FULL_TIME",
    "baseSalary.minValue": "280",
    "baseSalary.unitText": "DAY",
    "baseSalary.currency": "CNY",
    "skills": "砌墙\n抹灰",
}


def checked(stored: Opening | None = None, **changes: str) -> form.CheckedOpening:
    typed = LAYOUT.typed(
        FormData(FAULTLESS | {name.replace("__", "."): v for name, v in changes.items()})
    )
    return form.check_opening(form.wire_of(typed, EMPLOYER, stored), stored, NOW, NOW.date())


def errors(**changes: str) -> dict[str, str]:
    found = checked(**changes)
    assert found.content is None
    return {each.field: each.message for each in found.errors}


def test_a_faultless_form_is_an_opening_of_the_writing_employer() -> None:
    content = checked(hiringOrganization__id="another").content
    assert content is not None
    assert content.hiring_organization.id == EMPLOYER["id"]
    assert content.total_job_openings == 6
    assert content.base_salary is not None


def test_an_empty_wage_is_none() -> None:
    content = checked(baseSalary__minValue="").content
    assert content is not None
    assert content.base_salary is None


def test_unlawful_criteria_are_reported_while_other_fields_are_empty() -> None:
    found = errors(title="", description="限男性，35岁以下", jobLocation__name="")
    assert {"title", "jobLocation", "description"} <= set(found)
    assert "law forbids" in found["description"]


def test_an_unknown_place_and_a_wrong_number_are_reported_together() -> None:
    found = errors(jobLocation__name="乌有镇乌有村", totalJobOpenings="many")
    assert set(found) == {"jobLocation", "totalJobOpenings"}


def test_a_last_day_in_the_past_is_reported() -> None:
    assert set(errors(validThrough="2020-01-01")) == {"validThrough"}


@pytest.fixture
def stored() -> Opening:
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


def test_an_edit_keeps_hidden_fields_and_clears_emptied_ones(
    stored: Opening,
) -> None:
    content = checked(stored, skills="").content
    assert content is not None
    assert (content.title, content.skills) == ("砌筑工", ())
    assert content.in_language == "en"
    assert content.date_posted == stored.date_posted
    assert content.job_location == stored.job_location


def test_saving_the_form_unchanged_changes_nothing(stored: Opening) -> None:
    typed = LAYOUT.shown(stored.to_dict())
    found = form.check_opening(form.wire_of(typed, None, stored), stored, NOW, NOW.date())
    assert found.content is not None
    assert found.content.to_dict() == OpeningContent.from_stored(stored.to_dict()).to_dict()


def test_fields_that_roost_sets_do_not_reach_the_form(stored: Opening) -> None:
    marked = stored.model_copy(update={"first_alike": ("a", "b"), "awaiting_approval": True})
    found = form.check_opening(
        form.wire_of(LAYOUT.shown(marked.to_dict()), None, marked), marked, NOW, NOW.date()
    )
    assert not found.errors
    assert found.content is not None
