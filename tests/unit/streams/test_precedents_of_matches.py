"""From outcomes to the reason of a new match: rows, training, install, decision, replay."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.learned import load_version
from matcher.likeness import likeness_of
from matcher.match_outcomes import OutcomeRow, Verdict, row_of
from matcher.parts import parts_of
from matcher.precedent_files import load_precedents_version
from matcher.precedents import skill_items, work_items
from matcher.ranking import evaluate
from matcher.weights import STATED
from roost import ids
from roost.events.match import PRECEDENTS, Match
from roost.settings import Settings
from roost.text.taxonomy import groups
from streams.learning.outcome_collection import CollectedOutcomes
from streams.learning.precedent_training import train_precedents
from streams.learning.weight_training import ModelBuild, TrainingResult
from streams.stages import queue_rules
from streams.views.model_files import model_path, precedents_path, weights_path
from tests.unit.streams.test_capacity import NOW, OPENING, TODAY, batch, opening, proposals, worker

SKILLS = ("焊接", "缝纫", "做饭", "保洁")
GROUPS = ("zh:6-18-02", "zh:6-05-01", "zh:4-03-02", "zh:4-09-08")
PEOPLE, OPENINGS = 32, 60


def person(number: int) -> WorkerFeatures:
    return replace(worker(number, fit=0.6), skills=[SKILLS[number % 4]])


def work(number: int, id: str) -> OpeningFeatures:
    """Return an opening of one kind of work."""
    occupation = next(key for key, group in groups().items() if group == GROUPS[number % 4])
    return replace(opening(id=id), occupations=[occupation])


def outcomes(without: frozenset[int] = frozenset()) -> list[OutcomeRow]:
    """Return outcomes by which people with one skill do well in the work of the one before it."""
    rows = []
    for number in range(OPENINGS):
        posted = work(number, ids.opening_id("t", f"past-{number}"))
        for at in range(number % 3, PEOPLE, 3):
            if at in without:
                continue
            one = person(at)
            gain = float((at - number) % 4 == 1)
            day = TODAY - timedelta(days=OPENINGS - number)
            parts = parts_of(posted, one, likeness_of(posted, one))
            verdict = Verdict(posted.id, one.id, gain, day)
            rows.append(row_of(verdict, parts, at, skill_items(one), work_items(posted)))
    return rows


def trained(settings: Settings, rows: list[OutcomeRow], before: str = "") -> str:
    """Train precedents on these rows as `roost train` does; return the version in force."""
    planned = TrainingResult(
        ModelBuild("", model_path(settings), built=False, replaced=False),
        STATED.version,
        collected=CollectedOutcomes(tuple(rows), gone=0, dropped=0),
        precedents_before=before,
    )
    paths = weights_path(settings), precedents_path(settings)
    return train_precedents(planned, *paths, NOW).precedents_in_force


def new_match(settings: Settings, one: WorkerFeatures) -> Match:
    made = batch(work(0, OPENING), [one], rules=queue_rules(settings))
    made.propose(proposals([one]))
    (match,) = made.decided
    return match


def said(match: Match) -> list[str]:
    return [each.zh for each in match.reasons if each.part == PRECEDENTS]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path)


def test_a_new_match_gives_past_placements_as_a_reason_and_names_the_version(
    settings: Settings,
) -> None:
    before = new_match(settings, person(1))
    version = trained(settings, outcomes())
    after = new_match(settings, person(1))
    assert after.model == f"m/{STATED.version}/{version}"
    assert before.model == f"m/{STATED.version}"
    assert said(before) == []
    assert said(after) == ["已有 5 名以上技能相近（缝纫）的人在此类岗位就业"]
    assert before.score < after.score <= before.score + 8
    assert said(new_match(settings, person(0))) == []


def test_a_match_is_computed_again_from_the_versions_that_it_names(settings: Settings) -> None:
    trained(settings, outcomes())
    match = new_match(settings, person(1))
    precedents_path(settings).unlink()
    _, weights, precedents = match.model.split("/")
    named = replace(
        load_version(weights_path(settings), weights),
        precedents=load_precedents_version(precedents_path(settings), precedents),
    )
    again = evaluate(work(0, OPENING), person(1), TODAY, named)
    assert (again.score, again.reasons) == (match.score, match.reasons)


def test_after_erasures_that_leave_too_few_placements_the_reason_is_gone(
    settings: Settings,
) -> None:
    version = trained(settings, outcomes())
    with_skill = [number for number in range(PEOPLE) if number % 4 == 1]
    trained(settings, outcomes(without=frozenset(with_skill[:4])), version)
    assert said(new_match(settings, person(1))) == []
