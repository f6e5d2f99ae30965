"""Precedents: bounded, explained by enough people, and blind to everything but vocabularies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher import ranking
from matcher.comparison import LEAST_DIFFERENCE, split_by_day
from matcher.learning import score_rows
from matcher.lessons import Decision, Lesson, learn_precedents
from matcher.likeness import likeness_of
from matcher.match_outcomes import OutcomeRow
from matcher.parts import Parts, parts_of
from matcher.precedent_learning import count_people, fit_precedents
from matcher.precedents import (
    LEAST_PEOPLE,
    MOST_POINTS,
    MOST_SHARE,
    NO_PRECEDENTS,
    Lift,
    Precedents,
    bounded,
    skill_items,
    versioned_precedents,
    vocabulary,
    work_items,
)
from matcher.weights import STATED, Weights
from roost.events.match import PRECEDENTS, PRIORITY
from roost.law.attributes import without_attributes
from roost.rules.rounded_counts import bucket
from roost.text import skill_names
from tests.unit.matcher.builders import OPENING, TODAY, WORKER, Builder
from tests.unit.matcher.test_forbidden import WORKER_LISTS, written_into
from tests.unit.roost.phrases import PERSONAL

FIRST_DAY = date(2026, 10, 1)
SKILLS = tuple(f"skill/{key}" for key in ("welding", "bricklaying", "cooking", "cleaning"))
WORK = ("zh:6-29-01", "zh:4-02-06", "zh:6-18-01")
LADDER = (0.0, 0.3, 0.6, 0.8, 1.0)
often = settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])


def simulated_outcomes(
    seed: int, *, hidden: float = 2.5, openings: int = 240, shown: int = 10
) -> list[OutcomeRow]:
    """Simulate outcomes with a hidden effect of welders in the first kind of work, and against it.

    Without `hidden`, content and chance decide alone.
    """
    draw = np.random.default_rng(seed)
    rows = []
    for opening in range(openings):
        kind = opening % len(WORK)
        for _ in range(shown):
            skill, fit = int(draw.integers(len(SKILLS))), float(draw.uniform(0.5, 1))
            effect = hidden * ((skill == kind) - (skill == (kind + 1) % len(SKILLS)))
            strength = 4 * (fit - 0.75) + effect + draw.logistic()
            rows.append(
                OutcomeRow(
                    query=f"{opening:016x}",
                    day=FIRST_DAY + timedelta(days=opening // 8),
                    gain=LADDER[int(np.searchsorted((0.2, 0.9, 1.6, 2.2), strength))],
                    person=int(draw.integers(400)) * len(SKILLS) + skill,
                    skill_items=(SKILLS[skill],),
                    work_items=(WORK[kind],),
                    comfort=0.5,
                    education=1.0,
                    experience=1.0,
                    fit=fit,
                    nearness=0.5,
                    skills=fit,
                    wage=0.5,
                )
            )
    return rows


def learned(rows: Sequence[OutcomeRow], *, in_force: bool = False) -> Lesson:
    return learn_precedents(STATED, rows, in_force=in_force)


@pytest.fixture(scope="module")
def fitted() -> Precedents:
    return fit_precedents(simulated_outcomes(1), STATED)


@pytest.mark.parametrize("seed", range(3))
def test_a_hidden_effect_is_found_and_accepted(seed: int) -> None:
    lesson = learned(simulated_outcomes(seed))
    assert lesson.decision is Decision.ACCEPTED
    assert lesson.comparison is not None
    assert lesson.comparison.low > 0
    assert lesson.candidate is not None
    lifts = lesson.candidate.precedents.lifts
    for kind, work in enumerate(WORK):
        best = max(SKILLS, key=lambda skill: lifts[skill, work].points)
        assert best == SKILLS[kind]


@pytest.mark.parametrize("seed", range(6))
def test_what_content_and_chance_decide_alone_is_refused(seed: int) -> None:
    assert learned(simulated_outcomes(seed, hidden=0.0)).decision is Decision.REFUSED


def test_too_few_outcomes_teach_nothing() -> None:
    lesson = learned(simulated_outcomes(1, openings=10))
    assert lesson.decision is Decision.TOO_FEW
    assert lesson.candidate is None


def test_an_effect_that_ends_is_refused_on_later_days() -> None:
    rows = simulated_outcomes(2)
    training, held_out = split_by_day(rows)
    later = [row for row in simulated_outcomes(2, hidden=-2.5) if row.day >= held_out[0].day]
    assert learned([*training, *later]).decision is Decision.REFUSED
    assert learned([*training, *later], in_force=True).decision is Decision.REFUSED


def test_a_model_in_force_stays_while_it_is_better_and_not_only_beyond_chance() -> None:
    weak = [simulated_outcomes(seed, hidden=0.35) for seed in range(12)]
    first = [learned(rows) for rows in weak]
    again = [learned(rows, in_force=True) for rows in weak]
    kept = [now for was, now in zip(first, again, strict=True) if was.decision != now.decision]
    assert kept, "some of these are better, but not beyond chance"
    for lesson in kept:
        assert lesson.comparison is not None
        assert lesson.decision is Decision.ACCEPTED
        assert lesson.comparison.difference >= LEAST_DIFFERENCE


def test_the_same_rows_in_any_order_give_the_same_model(fitted: Precedents) -> None:
    rows = simulated_outcomes(1)
    shuffled = [rows[at] for at in np.random.default_rng(5).permutation(len(rows))]
    assert fit_precedents(shuffled, STATED) == fitted


def test_sparse_pairs_shrink_towards_the_content() -> None:
    lifts = [
        fit_precedents(simulated_outcomes(3, openings=count), STATED).lifts[SKILLS[0], WORK[0]]
        for count in (24, 240)
    ]
    few, many = (abs(lift.points) for lift in lifts)
    assert few < many


def test_a_skill_that_does_well_everywhere_earns_hardly_any_lift() -> None:
    rows = [
        replace(row, gain=min(1.0, row.gain + 0.4 * (row.skill_items[0] == SKILLS[3])))
        for row in simulated_outcomes(4, hidden=0.0)
    ]
    lifts = fit_precedents(rows, STATED).lifts
    assert max(abs(lifts[SKILLS[3], work].points) for work in WORK) < MOST_POINTS / 2


def test_no_number_of_a_model_comes_from_few_people() -> None:
    rows = simulated_outcomes(5, openings=30)
    few = [replace(row, person=row.person % (LEAST_PEOPLE - 1)) for row in rows]
    assert fit_precedents(few, STATED) == NO_PRECEDENTS
    counted = count_people(rows)
    for pair, lift in fit_precedents(rows, STATED).lifts.items():
        assert counted.acted[pair] >= LEAST_PEOPLE
        assert lift.placed == bucket(counted.placed.get(pair, 0))


def test_without_the_rows_of_some_people_their_placements_are_not_counted() -> None:
    rows = simulated_outcomes(6)
    erased = {row.person for row in rows if row.skill_items == (SKILLS[1],)}
    left = fit_precedents([row for row in rows if row.person not in erased], STATED)
    assert not [pair for pair in left.lifts if pair[0] == SKILLS[1]]


# The points of a pair


amounts = st.floats(-100, 100, allow_nan=False)
models = st.dictionaries(
    st.tuples(st.sampled_from(SKILLS), st.sampled_from(WORK)),
    st.builds(Lift, amounts, st.sampled_from([0, 5, 10, 100])),
).map(versioned_precedents)
some_skills = st.lists(st.sampled_from(SKILLS), unique=True, max_size=4).map(tuple)
some_work = st.lists(st.sampled_from(WORK), unique=True, max_size=3).map(tuple)


@given(models, some_skills, some_work)
def test_points_are_bounded_and_explained_by_enough_people(
    precedents: Precedents, skills: tuple[str, ...], work: tuple[str, ...]
) -> None:
    found = precedents.between(skills, work)
    lifts = [precedents.lifts.get((skill, kind), Lift(0, 0)) for skill in skills for kind in work]
    explained = any(each.points > 0 and each.placed >= LEAST_PEOPLE for each in lifts)
    added = explained and math.fsum(each.points for each in lifts) / math.sqrt(len(lifts))
    assert (found is not None) == (round(added, 1) > 0)
    if found is not None:
        assert 0 < found.points <= MOST_POINTS
        assert found.placed >= LEAST_PEOPLE
        assert found.skill in skills


@given(st.floats(0, MOST_POINTS), st.floats(0, 100), st.floats(0, 100))
def test_a_better_content_never_lowers_the_score(points: float, low: float, high: float) -> None:
    low, high = sorted((low, high))
    assert low + bounded(points, low) <= high + bounded(points, high) + 1e-9
    assert 0 <= bounded(points, low) <= min(MOST_POINTS, MOST_SHARE * low + 1e-9)
    assert low + bounded(points, low) <= 100


def lifting(make: Builder, points: float = 50.0, placed: int = 10) -> Weights:
    """Return weights with a precedent of the example's worker and opening."""
    pair = skill_items(make.worker())[0], work_items(make.opening())[0]
    return replace(STATED, precedents=versioned_precedents({pair: Lift(points, placed)}))


def test_the_reason_names_the_people_and_the_points_add_up(make: Builder) -> None:
    opening, worker = make.opening(), make.worker()
    plain = ranking.evaluate(opening, worker, TODAY)
    lifted = ranking.evaluate(opening, worker, TODAY, lifting(make))
    (reason,) = [each for each in lifted.reasons if each.part == PRECEDENTS]
    assert reason.en == "10 or more people with such skills (焊接) were placed in such work"
    assert reason.zh == "已有 10 名以上技能相近（焊接）的人在此类岗位就业"
    assert 0 < reason.points <= MOST_POINTS
    assert lifted.score == lifted.unboosted == round(plain.score + reason.points, 1)
    assert round(sum(each.points for each in lifted.reasons), 1) == lifted.score
    assert not [each for each in plain.reasons if each.part == PRECEDENTS]


def test_a_group_of_occupations_is_named_by_the_worker_s_own(make: Builder) -> None:
    worker = make.worker(skills=["砌围墙"])
    group = next(item for item in skill_items(worker) if not item.startswith(skill_names.KEYED))
    opening = make.opening(title="砌筑工", skills=[])
    pair = group, work_items(opening)[0]
    weights = replace(STATED, precedents=versioned_precedents({pair: Lift(60.0, 20)}))
    found = ranking.evaluate(opening, worker, TODAY, weights)
    said = [each.zh for each in found.reasons if each.part == PRECEDENTS]
    assert said == ["已有 20 名以上技能相近（砌筑工）的人在此类岗位就业"]


@pytest.mark.parametrize(("points", "placed"), [(50.0, 0), (-50.0, 10)])
def test_few_people_or_worse_outcomes_add_nothing_and_take_nothing(
    make: Builder, points: float, placed: int
) -> None:
    opening, worker = make.opening(), make.worker()
    found = ranking.evaluate(opening, worker, TODAY, lifting(make, points, placed))
    assert found == ranking.evaluate(opening, worker, TODAY)


def test_rank_evaluate_and_training_give_the_same_score(
    make: Builder, workers: list[Any], openings: list[Any]
) -> None:
    draw = np.random.default_rng(3)
    pairs = {
        (skill, kind)
        for worker in workers[:40]
        for opening in openings
        for skill in skill_items(worker)
        for kind in work_items(opening)
    }
    lifts = {pair: Lift(round(float(draw.normal(0, 20)), 2), 10) for pair in sorted(pairs)}
    weights = replace(STATED, precedents=versioned_precedents(lifts))
    compared = 0
    for opening in openings[:20]:
        for found in ranking.rank(opening, workers[:40], TODAY, 40, 0.0, weights):
            worker = found.candidate
            judged = ranking.evaluate(opening, worker, TODAY, weights)
            assert (judged.score, judged.unboosted) == (found.score, found.unboosted)
            points = {each.part: each.points for each in judged.reasons}
            assert round(sum(points.values()), 1) == judged.score
            row = row_of_pair(opening, worker)
            added = points.get(PRIORITY, 0.0)
            assert score_rows([row], weights)[0] == pytest.approx(judged.score - added, abs=0.11)
            compared += PRECEDENTS in points
    assert compared > 20


def row_of_pair(opening: Any, worker: Any) -> OutcomeRow:
    parts: Parts = parts_of(opening, worker, likeness_of(opening, worker))
    return OutcomeRow(
        query="q",
        day=FIRST_DAY,
        gain=1.0,
        skill_items=skill_items(worker),
        work_items=work_items(opening),
        **parts.as_row(),
    )


# Protected attributes have no way in


def test_items_are_keys_of_shipped_vocabularies_and_nothing_else(
    workers: list[Any], openings: list[Any]
) -> None:
    skills, work = vocabulary()
    assert {item for worker in workers for item in skill_items(worker)} <= skills
    assert {item for opening in openings for item in work_items(opening)} <= work
    labels = {row["key"]: row["label_zh"] for row in skill_names.rows()}
    known = [labels[each.removeprefix(skill_names.KEYED)] for each in skills if "/" in each]
    assert [label for label in known if without_attributes(label) != label] == []


@often
@given(
    st.sampled_from([*WORKER_LISTS, "summary", "name"]),
    st.sampled_from(PERSONAL),
    st.sampled_from(["item", "before", "after"]),
)
def test_no_phrasing_of_an_attribute_in_a_profile_changes_its_items(
    make: Builder, field: str, phrase: str, how: str
) -> None:
    plain: dict[str, Any] = WORKER | {"licences": ["低压电工证"], "summary": "会焊接，能吃苦"}
    said = written_into(plain, field, phrase, "，", how)
    assert skill_items(make.worker(**said)) == skill_items(make.worker(**plain))


@often
@given(
    st.sampled_from(["title", "description", "occupationalCategory"]),
    st.sampled_from(PERSONAL),
    st.sampled_from(["before", "after"]),
)
def test_no_phrasing_of_an_attribute_in_an_opening_changes_its_items(
    make: Builder, field: str, phrase: str, how: str
) -> None:
    plain: dict[str, Any] = OPENING | {"occupationalCategory": "焊工", "description": "焊接"}
    said = written_into(plain, field, phrase, "，", how)
    assert work_items(make.opening(**said)) == work_items(make.opening(**plain))


def test_household_places_education_and_free_text_are_no_items(make: Builder) -> None:
    plain = skill_items(make.worker())
    for changes in (
        {"registeredHousehold": {"registered": True, "consent": True}},
        {"home": {"name": "sample:lanling-205"}, "location": {"name": "cn:110105"}},
        {"education": "bachelor", "experienceYears": 20, "languages": ["en"]},
        {"summary": "砌墙、抹灰", "name": "阿卜杜拉"},
        {"skills": ["焊接", "zzqx"]},
    ):
        assert skill_items(make.worker(**changes)) == plain


def test_outcomes_that_follow_an_attribute_alone_teach_nothing() -> None:
    """People of a group are declined whatever they can do: items do not tell them apart."""
    rows = [
        replace(row, gain=0.0) if row.person % 3 == 0 else row
        for row in simulated_outcomes(7, hidden=0.0)
    ]
    assert learned(rows).decision is Decision.REFUSED


def test_rows_and_models_hold_only_what_is_listed() -> None:
    assert {field.name for field in fields(Lift)} == {"points", "placed"}
    assert {field.name for field in fields(Precedents)} == {"version", "lifts"}
