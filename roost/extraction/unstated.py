"""Requirements that the text of an opening states and its fields do not: pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from roost.constraints.licences import normal_name
from roost.events.common import Education
from roost.events.opening import OpeningContent
from roost.extraction.extracted import Extracted, Field
from roost.extraction.stated_requirements import requirements_of
from roost.text.skill_names import one_name


def unstated_requirements(content: OpeningContent) -> list[Extracted]:
    """Return what the text of an opening states and its fields do not."""
    stated = {field: is_stated(content) for field, is_stated in _STATED.items()}
    return [each for each in requirements_of(content) if not stated[each.field](each)]


Stated = Callable[[Extracted], bool]


def _skill_stated(content: OpeningContent) -> Stated:
    names = {one_name(each) for each in (*content.skills, *content.preferred_skills)}
    return lambda found: one_name(str(found.value)) in names


def _licence_stated(content: OpeningContent) -> Stated:
    names = {normal_name(each) for each in content.licences_required}
    return lambda found: normal_name(str(found.value)) in names


def _shift_stated(content: OpeningContent) -> Stated:
    return lambda found: found.value in content.shifts


def _always(answer: bool) -> Stated:
    return lambda found: answer


_STATED: Mapping[Field, Callable[[OpeningContent], Stated]] = {
    Field.SKILLS: _skill_stated,
    Field.LICENCES: _licence_stated,
    Field.SHIFTS: _shift_stated,
    Field.LODGING: lambda content: _always(content.lodging),
    Field.MEALS: lambda content: _always(content.meals),
    Field.EXPERIENCE: lambda content: _always(content.experience_requirements > 0),
    Field.EDUCATION: lambda content: _always(content.education_requirements is not Education.NONE),
    Field.HEADCOUNT: lambda content: _always(content.total_job_openings > 1),
    Field.HOURS: lambda content: _always(False),
}
