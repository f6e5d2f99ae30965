"""Training suggestions from the skills that a worker's active matches ask for: pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import Field

from roost.events.common import Model
from roost.text.skill_names import commonest_names, one_name

EXAMPLES = 3


class Training(Model):
    """Skill to learn, and the openings that ask for it."""

    skill: str
    openings: int = Field(ge=1, description="openings among the worker's matches that ask for it")
    example_openings: Sequence[str] = Field(description="ids of the best fitting, at most 3")
    en: str
    zh: str


class TrainingList(Model):
    """Skills to learn, most requested first."""

    items: Sequence[Training]


def training_from(matches: Iterable[Mapping[str, Any]]) -> TrainingList:
    """Return the missing skills of matches, ordered by number of openings, then by name.

    `matches` come best first. Synonyms of a skill count as one, under the name that most openings
    use.
    """
    openings_by_skill: dict[str, list[str]] = defaultdict(list)
    spellings: list[str] = []
    for match in matches:
        missing = dict.fromkeys(match.get("missingSkills", ()))
        for skill in dict.fromkeys(map(one_name, missing)):
            openings_by_skill[skill].append(match["openingId"])
        spellings += missing
    names = commonest_names(spellings)
    named = [(names[skill], openings) for skill, openings in openings_by_skill.items()]
    most_requested = sorted(named, key=lambda each: (-len(each[1]), each[0]))
    return TrainingList(items=[_training(skill, openings) for skill, openings in most_requested])


def _training(skill: str, openings: Sequence[str]) -> Training:
    number = len(openings)
    ask = "1 of the matched openings asks" if number == 1 else f"{number} matched openings ask"
    return Training(
        skill=skill,
        openings=number,
        example_openings=openings[:EXAMPLES],
        en=f"A course in {skill}: {ask} for it",
        zh=f"参加“{skill}”培训：已匹配岗位中有 {number} 个要求该技能",
    )
