"""The stages score by the learned weights, and name their version."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from matcher import ranking
from matcher.learned import save_weights, values_of, versioned_weights
from matcher.precedent_files import save_precedents
from matcher.precedents import Lift, versioned_precedents
from matcher.weights import STATED
from roost.rules.capacity import Capacity
from roost.settings import Settings
from streams.queue.batch_evidence import QueueRules
from streams.stages import queue_rules
from streams.views.model_files import precedents_path, weights_path
from tests.unit.streams.test_capacity import TODAY, batch, opening, proposals, worker

LEARNED = versioned_weights(values_of(STATED) | {"nearness": 0.3, "wage": 0.05})


def test_without_learned_weights_the_stated_ones_hold(tmp_path: Path) -> None:
    rules = queue_rules(Settings(data=tmp_path))
    assert rules.weights == STATED


def test_learned_weights_are_used_and_named(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    save_weights(weights_path(settings), LEARNED, {})
    rules = queue_rules(settings)
    assert rules.weights == LEARNED


def test_precedents_are_used_and_named(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    precedents = versioned_precedents({("skill/welding", "zh:6-29-01"): Lift(4.5, 10)})
    save_precedents(precedents_path(settings), precedents, {})
    rules = queue_rules(settings)
    assert rules.weights == replace(STATED, precedents=precedents)
    assert rules.weights.scored_by == f"{STATED.version}/{precedents.version}"
    assert rules.weights.version == STATED.version


def test_a_match_has_the_score_that_its_weights_give() -> None:
    one = worker(1, fit=0.9)
    made = batch(opening(), [one], rules=QueueRules(35.0, Capacity(), LEARNED))
    made.propose(proposals([one]))
    (match,) = made.decided
    assert match.model == f"m/{LEARNED.version}"
    assert match.score == ranking.evaluate(opening(), one, TODAY, LEARNED).score
    assert match.score != ranking.evaluate(opening(), one, TODAY).score
