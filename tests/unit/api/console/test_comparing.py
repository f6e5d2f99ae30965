"""Comparison of a worker and an opening: skills that are met and that are missing."""

from __future__ import annotations

from datetime import UTC, datetime

from api.console.match.comparing import RequiredSkill, required_skills
from producers import simulator
from roost import ids
from roost.events.opening import Opening
from tests.made import a_match

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_a_missing_skill_is_missing_however_the_employer_wrote_it() -> None:
    opening_id, worker_id = ids.opening_id("t", "1"), ids.worker_id("t", "1")
    content = next(simulator.openings(1)).to_dict() | {"skills": ["Welding", "Ｗood  work", "砌墙"]}
    opening = Opening.model_validate(content | {"id": opening_id, "source": "test"})
    match = a_match(opening_id, worker_id, NOW, missing_skills=("welding", "wood work"))
    assert required_skills(match, opening) == [
        RequiredSkill("砌墙", True),
        RequiredSkill("Welding", False),
        RequiredSkill("Ｗood  work", False),
    ]


def test_a_missing_skill_is_missing_by_each_of_its_names() -> None:
    """The matcher asks for it once, by the name that stands first."""
    opening_id, worker_id = ids.opening_id("t", "1"), ids.worker_id("t", "1")
    content = next(simulator.openings(1)).to_dict() | {"skills": ["砌砖", "Bricklaying", "抹灰"]}
    opening = Opening.model_validate(content | {"id": opening_id, "source": "test"})
    match = a_match(opening_id, worker_id, NOW, missing_skills=("砌砖",))
    assert required_skills(match, opening) == [
        RequiredSkill("抹灰", True),
        RequiredSkill("砌砖", False),
        RequiredSkill("Bricklaying", False),
    ]
