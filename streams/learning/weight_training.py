"""Training of the similarity model and of the score's weights, and the install of better ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from matcher.learned import load_weights, save_weights
from matcher.lessons import Decision, Lesson, learn
from matcher.similarity import version_of
from streams.learning.model_artefact import compose_artefact, fitting_version
from streams.learning.outcome_collection import CollectedOutcomes

Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class ModelBuild:
    """The similarity model after training, or as a dry run would leave it."""

    version: str
    path: Path
    built: bool
    """True if it was missing, outdated or to be retrained."""
    replaced: bool
    """True if it replaced another model."""


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """Everything that one training did; a dry run reports what it would do."""

    similarity: ModelBuild
    before: str
    """Version of the weights that were in force."""
    not_looked_at: str = ""
    """Reason why no outcomes were read."""
    collected: CollectedOutcomes | None = None
    lesson: Lesson | None = None
    dry_run: bool = False
    precedents: Lesson | None = None
    precedents_before: str = ""
    """Version of the precedents that were in force; empty without any."""

    @property
    def accepted(self) -> bool:
        """True if the lesson found better weights."""
        return self.lesson is not None and self.lesson.decision is Decision.ACCEPTED

    @property
    def in_force(self) -> str:
        """Version of the weights that are in force from now on."""
        candidate = self.lesson.candidate if self.lesson and self.accepted else None
        return self.before if self.dry_run or candidate is None else candidate.version

    @property
    def precedents_in_force(self) -> str:
        """Version of the precedents that are in force from now on; empty without any."""
        if self.dry_run or self.precedents is None:
            return self.precedents_before
        accepted = self.precedents.decision is Decision.ACCEPTED and self.precedents.candidate
        return accepted.precedents.version if accepted else ""


def build_model(
    encoders: Path, path: Path, say: Say, *, dry_run: bool, retrain: bool
) -> ModelBuild:
    """Compose the artefact when it is missing, outdated or to be retrained.

    A dry run only compares the versions.
    """
    version, before = fitting_version(encoders), version_of(path)
    due = retrain or before != version
    if due and not dry_run:
        compose_artefact(encoders, path, say, retrain=retrain)
    return ModelBuild(version, path, due, due and bool(before))


def learn_weights(
    result: TrainingResult, collected: CollectedOutcomes, path: Path, now: datetime
) -> TrainingResult:
    """Learn weights from the collected outcomes and install them at `path` if they are better."""
    lesson = learn(load_weights(path), collected.rows)
    learned = replace(result, collected=collected, lesson=lesson)
    install_weights(learned, path, now)
    return learned


def install_weights(result: TrainingResult, path: Path, now: datetime) -> None:
    """Put accepted weights in force, with a record of their evidence; a dry run writes nothing."""
    lesson = result.lesson
    if result.dry_run or not result.accepted or lesson is None or lesson.candidate is None:
        return
    about: dict[str, Any] = {
        "learned_at": now.isoformat(),
        "instead_of": result.before,
        "outcomes": [asdict(count) for count in lesson.counts],
        "comparison": lesson.comparison.as_dict() if lesson.comparison else None,
    }
    save_weights(path, lesson.candidate, about)
