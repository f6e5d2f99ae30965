"""What a worker could learn, from what their standing matches miss: pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import Field

from roost.events.common import Model

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
    """Skills by how many openings ask for them, then by name, of matches given best first."""
    asking: dict[str, list[str]] = defaultdict(list)
    for match in matches:
        for skill in dict.fromkeys(match.get("missingSkills", ())):
            asking[skill].append(match["openingId"])
    most_asked = sorted(asking.items(), key=lambda each: (-len(each[1]), each[0]))
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
