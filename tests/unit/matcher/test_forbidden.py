"""No discrimination: attributes that the law forbids change no score, no order and no reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from matcher import features, ranking
from matcher.features import OpeningFeatures, WorkerFeatures
from roost.events.opening import Opening
from roost.events.profile import Profile
from tests.unit.matcher.builders import OPENING, TODAY, WORKER, Builder, opening, profile
from tests.unit.roost.phrases import PERSONAL

MARKS = ["，", "、", "/", "；", ", ", "\n"]
WORKER_LISTS = ["occupationsWanted", "skills", "licences"]
OPENING_LISTS = ["skills", "preferredSkills", "licencesRequired", "jobBenefits"]
BASE_WORKER: dict[str, Any] = {"licences": ["低压电工证"], "summary": "会焊接，能吃苦"}
BASE_OPENING: dict[str, Any] = {
    "preferredSkills": ["切割"],
    "licencesRequired": ["低压电工作业证"],
    "occupationalCategory": "焊工",
    "jobBenefits": ["五险"],
}
hidden = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
phrases = st.sampled_from(PERSONAL)
marks = st.sampled_from(MARKS)


def written_into(
    said: dict[str, Any], field: str, phrase: str, mark: str, how: str
) -> dict[str, Any]:
    """Insert the phrase into a field: as a separate item, or before or after the existing text."""
    value = said.get(field, "")
    if how == "item" and isinstance(value, list):
        return said | {field: [*value, phrase]}
    text = value[0] if isinstance(value, list) else value
    if not isinstance(value, list) and field not in {"summary", "description"}:
        mark = mark.replace("\n", "，")
    mark = mark if field in {"summary", "description"} else mark.replace("\n", "，")
    joined = f"{phrase}{mark}{text}" if how == "before" else f"{text}{mark}{phrase}"
    return said | {field: [joined, *value[1:]] if isinstance(value, list) else joined}


@hidden
@given(st.sampled_from([*WORKER_LISTS, "summary", "name"]), phrases, marks, st.data())
def test_no_text_of_a_profile_lets_it_into_the_features(
    make: Builder, field: str, phrase: str, mark: str, data: st.DataObject
) -> None:
    how = data.draw(st.sampled_from(["item", "before", "after"]))
    bare = WORKER | BASE_WORKER
    for left_out in ({}, {"occupationsWanted": [], "skills": []}):
        base = bare | left_out
        if field in base and not base[field]:
            how = "item"
        plain, said = profile(**base), profile(**written_into(base, field, phrase, mark, how))
        assert make.of_worker(said) == make.of_worker(plain)
        assert features.worker_texts(said) == features.worker_texts(plain)
        assert features.worker_words(said) == features.worker_words(plain)


@hidden
@given(
    st.sampled_from([*OPENING_LISTS, "title", "occupationalCategory", "description"]),
    phrases,
    marks,
    st.sampled_from(["item", "before", "after"]),
)
def test_no_text_of_an_opening_lets_it_into_the_features(
    make: Builder, field: str, phrase: str, mark: str, how: str
) -> None:
    base = OPENING | BASE_OPENING
    plain, said = opening(**base), opening(**written_into(base, field, phrase, mark, how))
    assert make.of_opening(said) == make.of_opening(plain)
    assert features.opening_texts(said) == features.opening_texts(plain)
    assert features.opening_words(said) == features.opening_words(plain)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(WORKER_LISTS), phrases), min_size=1, max_size=3))
def test_score_order_and_reasons_stay_when_it_changes(
    make: Builder,
    workers: list[WorkerFeatures],
    said: list[tuple[str, str]],
) -> None:
    content: dict[str, Any] = WORKER | BASE_WORKER
    for field, phrase in said:
        content = written_into(content, field, phrase, "，", "after")
    wanted = make.opening(**BASE_OPENING | {"licencesRequired": []})
    before, after = make.worker(**BASE_WORKER), make.worker(**content)
    assert ranking.evaluate(wanted, after, TODAY) == ranking.evaluate(wanted, before, TODAY)
    assert ranking.rank(wanted, [*workers, after], TODAY, 50, 0) == ranking.rank(
        wanted, [*workers, before], TODAY, 50, 0
    )


@pytest.mark.parametrize(
    "field",
    [
        "sex",
        "gender",
        "ethnicity",
        "religion",
        "hukou",
        "maritalStatus",
        "health",
        "birthDate",
        "age",
    ],
)
def test_no_model_has_a_field_for_it(field: str) -> None:
    for model, base in ((Profile, profile()), (Opening, opening())):
        with pytest.raises(ValidationError, match="Extra inputs"):
            model.model_validate(base.to_dict() | {field: "x"})


def test_working_age_is_all_that_is_known_of_age_and_it_only_admits(make: Builder) -> None:
    names = {*WorkerFeatures.__dataclass_fields__, *OpeningFeatures.__dataclass_fields__}
    assert not {name for name in names if "age" in name.split("_")}
    assert make.worker(ofWorkingAge=True) == make.worker()
    assert make.worker(ofWorkingAge=False) == replace(make.worker(), active=False)


def test_a_registered_household_without_consent_is_as_any_other(make: Builder) -> None:
    silent = make.worker(registeredHousehold={"registered": True, "consent": False})
    assert silent == make.worker()
