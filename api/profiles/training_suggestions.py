"""What a worker could learn, from what their standing matches miss: pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import Field

from roost.events.common import Model
from roost.text.skill_names import commonest_names, one_name

EXAMPLES = 3


class Training(Model):
    """A skill to learn, and the openings that ask for it."""

    skill: str
    openings: int = Field(ge=1, description="openings among the worker's matches that ask for it")
    example_openings: Sequence[str] = Field(description="ids of the best fitting, at most 3")
    en: str
    zh: str


class TrainingList(Model):
    items: Sequence[Training]


def training(matches: Iterable[Mapping[str, Any]]) -> TrainingList:
    """Skills by how many openings ask for them, then by name, of matches given best first.

    A skill with several names is one, and told by the name that most openings use.
    """
    asking: dict[str, list[str]] = defaultdict(list)
    said: list[str] = []
    for match in matches:
        missing = dict.fromkeys(match.get("missingSkills", ()))
        for skill in dict.fromkeys(map(one_name, missing)):
            asking[skill].append(match["openingId"])
        said += missing
    names = commonest_names(said)
    told = [(names[skill], openings) for skill, openings in asking.items()]
    most_asked = sorted(told, key=lambda each: (-len(each[1]), each[0]))
    return TrainingList(items=[_training(skill, openings) for skill, openings in most_asked])


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
