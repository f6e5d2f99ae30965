"""Training suggestions from missing skills."""

from __future__ import annotations

from typing import Any

from api.profiles.training_suggestions import training_from


def match(opening: str, *missing: str) -> dict[str, Any]:
    return {"openingId": opening, "missingSkills": list(missing)}


def test_the_most_requested_skill_comes_first() -> None:
    items = training_from(
        [match("o-1", "识图"), match("o-2", "切割", "焊接"), match("o-3", "焊接")]
    ).items
    told = [(each.skill, each.openings, list(each.example_openings)) for each in items]
    assert told == [
        ("焊接", 2, ["o-2", "o-3"]),
        ("切割", 1, ["o-2"]),
        ("识图", 1, ["o-1"]),
    ]


def test_a_suggestion_is_in_both_languages() -> None:
    (one,) = training_from([match("o-1", "焊接"), match("o-2", "焊接")]).items
    assert one.en == "A course in 焊接: 2 matched openings ask for it"
    assert one.zh == "参加“焊接”培训：已匹配岗位中有 2 个要求该技能"


def test_at_most_three_examples_are_listed_best_first() -> None:
    (one,) = training_from([match(f"o-{number}", "焊接") for number in range(5)]).items
    assert one.openings == 5
    assert list(one.example_openings) == ["o-0", "o-1", "o-2"]


def test_no_missing_skill_means_no_suggestion() -> None:
    assert training_from([match("o-1"), {"openingId": "o-2"}]).items == []


def test_synonyms_count_as_one_skill_under_the_most_usual_name() -> None:
    (one,) = training_from(
        [match("o-1", "砌墙"), match("o-2", "砌砖", "砌墙"), match("o-3", "bricklaying")]
    ).items
    assert (one.skill, one.openings) == ("砌墙", 3)
    assert list(one.example_openings) == ["o-1", "o-2", "o-3"]
