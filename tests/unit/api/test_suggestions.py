"""Suggestions for the fields of an opening."""

from __future__ import annotations

import httpx

from api.access.sessions import csrf_token
from roost.events.account import AccountRole
from roost.events.common import Education, Shift
from roost.events.opening import OpeningContent
from roost.extraction.unstated import unstated_requirements
from tests.unit.api.console.pages import Signed
from tests.unit.api.signed import KEY
from tests.unit.roost.test_extraction import opening

TEXT = "会焊接，须持焊工证，3年以上经验，高中学历，两班倒，包吃住，招10人"


async def asked(by: Signed, content: OpeningContent) -> httpx.Response:
    """Ask for suggestions as the console's script would: in a session, with its token."""
    headers = {"x-csrf-token": csrf_token(KEY, by.session)}
    return await by.client.post("/v1/openings/suggestions", json=content.to_dict(), headers=headers)


def test_what_the_fields_state_already_is_not_suggested() -> None:
    stated = opening(
        description=TEXT,
        skills=("电焊",),
        licences_required=("焊工操作证",),
        experience_requirements=2.0,
        education_requirements=Education.SENIOR,
        shifts=(Shift.ROTATING,),
        lodging=True,
        meals=True,
        total_job_openings=10,
    )
    assert unstated_requirements(stated) == []


async def test_the_api_suggests_every_field_with_its_words() -> None:
    employer = Signed(AccountRole.EMPLOYER, employer_id="x")
    blank = opening(
        description=TEXT,
        skills=(),
        preferred_skills=(),
        licences_required=(),
        experience_requirements=0.0,
        education_requirements=Education.NONE,
        shifts=(),
        lodging=False,
        meals=False,
        total_job_openings=1,
    )
    answer = await asked(employer, blank)
    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    assert {each["field"]: each["value"] for each in items} == {
        "skills": "焊接",
        "licencesRequired": "焊工证",
        "experienceRequirements": 3,
        "educationRequirements": "senior",
        "shifts": "rotating",
        "lodging": True,
        "meals": True,
        "totalJobOpenings": 10,
    }
    for each in items:
        assert TEXT[each["start"] : each["end"]] == each["words"]


async def test_a_worker_gets_no_suggestions() -> None:
    worker = Signed(AccountRole.WORKER, worker_id="w-" + "a" * 26)
    answer = await asked(worker, opening())
    assert answer.status_code == 403
