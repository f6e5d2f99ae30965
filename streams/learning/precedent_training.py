"""Training of precedents, and the install or removal that its decision asks for."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

from matcher.learned import load_weights
from matcher.lessons import Decision, Lesson, learn_precedents
from matcher.precedent_files import save_precedents, withdraw_precedents
from streams.learning.weight_training import TrainingResult


def train_precedents(
    result: TrainingResult, weights_path: Path, path: Path, now: datetime
) -> TrainingResult:
    """Learn precedents for the weights in force, and install them at `path` if they are better.

    An earlier model that this training does not confirm is removed. A dry run writes nothing.
    """
    if result.collected is None:
        return result
    accepted = result.lesson.candidate if result.lesson and result.accepted else None
    weights = accepted or load_weights(weights_path)
    lesson = learn_precedents(
        weights, result.collected.rows, in_force=bool(result.precedents_before)
    )
    trained = replace(result, precedents=lesson)
    if not result.dry_run:
        _install(trained, lesson, path, now)
    return trained


def _install(result: TrainingResult, lesson: Lesson, path: Path, now: datetime) -> None:
    if lesson.decision is not Decision.ACCEPTED or lesson.candidate is None:
        withdraw_precedents(path)
        return
    about = {
        "learned_at": now.isoformat(),
        "instead_of": result.precedents_before,
        "weights": lesson.candidate.version,
        "outcomes": [asdict(count) for count in lesson.counts],
        "comparison": lesson.comparison.as_dict() if lesson.comparison else None,
    }
    save_precedents(path, lesson.candidate.precedents, about)
