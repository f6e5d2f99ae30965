"""Requirements found in free text."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers import simulator
from roost.constraints.licences import normal_name
from roost.events.opening import OpeningContent
from roost.extraction.extracted import Extracted, Field
from roost.extraction.stated_requirements import extracted, requirements_of
from roost.text.skill_names import one_name
from tests.unit.roost.extraction_examples import (
    DEVELOPMENT,
    EVERYDAY,
    HELD_OUT,
    LATER,
    Example,
)

NOW = datetime(2026, 11, 30, tzinfo=UTC)
EXAMPLES = [*DEVELOPMENT, *HELD_OUT, *LATER, *EVERYDAY]


def comparable(field: str, value: str) -> tuple[str, str]:
    """Return a finding in the form in which spellings are equal."""
    if field == Field.SKILLS:
        return field, one_name(value)
    if field == Field.LICENCES:
        return field, normal_name(value)
    if field in (Field.EXPERIENCE, Field.HEADCOUNT):
        return field, str(float(value))
    return field, value


def found_in(text: str) -> set[tuple[str, str]]:
    return {comparable(each.field.value, str(each.value)) for each in extracted(text)}


@pytest.mark.parametrize(("text", "expected"), EXAMPLES)
def test_a_text_gives_exactly_what_it_states(text: str, expected: Example) -> None:
    wanted = {comparable(*each.split("=", 1)) for each in expected}
    assert found_in(text) == wanted


@given(st.lists(st.sampled_from(EXAMPLES), min_size=1, max_size=3), st.text(max_size=30))
def test_every_finding_marks_its_words(examples: list[Example], noise: str) -> None:
    text = "。\n".join([noise, *(each for each, _ in examples)])
    for each in extracted(text):
        assert each.words == text[each.start : each.end]
        assert each.words.strip()


@given(st.text(max_size=200))
def test_any_text_at_all_can_be_read(text: str) -> None:
    assert isinstance(extracted(text), list)


def opening(**changes: object) -> OpeningContent:
    base = next(simulator.openings(1))
    blank = {"title": "普工", "description": "", "job_benefits": (), **changes}
    return base.model_copy(update=blank)


def by_field(found: tuple[Extracted, ...]) -> dict[str, tuple[object, str]]:
    return {each.field.value: (each.value, each.source) for each in found}


def test_all_texts_of_an_opening_are_read() -> None:
    found = requirements_of(
        opening(
            title="叉车司机（夜班）",
            description="须持叉车证",
            job_benefits=("包吃住", "免费焊接培训，会焊接更好"),
        )
    )
    assert by_field(found) == {
        "skills": ("叉车", "title"),
        "shifts": ("night", "title"),
        "licencesRequired": ("叉车证", "description"),
        "lodging": (True, "jobBenefits.0"),
        "meals": (True, "jobBenefits.0"),
    }


def test_of_two_values_of_one_field_neither_is_taken() -> None:
    found = requirements_of(opening(description="焊工须3年经验，学徒须1年经验。招5人，另招8人"))
    assert not {Field.EXPERIENCE, Field.HEADCOUNT} & {each.field for each in found}


def test_an_opening_of_a_long_text_has_a_bounded_number_of_findings() -> None:
    text = "会焊接，会砌墙，会抹灰，持电工证，" * 1_000
    assert len(requirements_of(opening(description=text[:20_000]))) <= 40
