"""What `roost train` does: the similarity model, and better weights where outcomes teach them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from deploy import model as models
from deploy.environment import in_usual_folder, settings_for
from deploy.local import encoder_files
from deploy.local.supervisor import status
from matcher.learned import load_weights, save_weights
from matcher.similarity import version_of
from matcher.training import Decision, Lesson, learn
from producers.admin import broker_answers
from roost.servers.connections import brokers_of, node_of
from roost.settings import Settings
from roost.time.clock import SystemClock
from roost.views.elastic import Elastic
from streams.learning.outcome_collection import Collected, collect
from streams.views.model_files import model_path, weights_path


@dataclass(frozen=True, slots=True)
class Similarity:
    version: str
    path: Path
    built: bool
    """It was missing or outdated."""
    replaced: bool
    """There was another one before."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What `roost train` did, or in a dry run would do."""

    similarity: Similarity
    before: str
    """Version of the weights that were in force."""
    not_looked_at: str = ""
    """Why the outcomes were not looked at."""
    collected: Collected | None = None
    lesson: Lesson | None = None
    dry_run: bool = False

    @property
    def in_force(self) -> str:
        """Version of the weights that are in force from now on."""
        lesson = self.lesson
        if self.dry_run or lesson is None or lesson.decision is not Decision.ACCEPTED:
            return self.before
        return lesson.candidate.version if lesson.candidate else self.before


def run(
    data: Path | None,
    told: Callable[[str], object],
    *,
    dry_run: bool,
    outcomes: bool,
    anew: bool = False,
) -> Trained:
    """Trains what there is to train; `told` is called with each step in words."""
    settings, may_ask = _place(data)
    told("The similarity model")
    similarity = _similarity(model_path(settings), told, dry_run=dry_run, anew=anew)
    before = load_weights(weights_path(settings))
    trained = Trained(similarity, before.version, dry_run=dry_run)
    if not outcomes:
        return replace(trained, not_looked_at="the similarity model only was asked for")
    told("Reading outcomes")
    collected = asyncio.run(_outcomes(settings)) if may_ask else None
    if collected is None:
        return replace(trained, not_looked_at="no servers run; `roost up` starts them")
    told(f"Learning from {len(collected.rows)} outcomes")
    trained = replace(trained, collected=collected, lesson=learn(before, collected.rows))
    install(trained, weights_path(settings))
    return trained


def _place(data: Path | None) -> tuple[Settings, bool]:
    """The settings to train for, and whether servers may be asked for outcomes.

    A folder that is named learns from its own stack only, never from another that runs.
    """
    settings = Settings()
    if data is None:
        return in_usual_folder(settings), True
    found = status(data.resolve())
    if found is not None:
        return settings_for(data.resolve(), found.ports), True
    return settings.model_copy(update={"data": data.resolve(), "model_path": None}), False


def _similarity(
    path: Path, told: Callable[[str], object], *, dry_run: bool, anew: bool
) -> Similarity:
    """Makes the artefact when it is missing, outdated or asked for; a dry run only looks."""
    home = encoder_files.fetch(told)
    version, before = models.fitting_version(home), version_of(path)
    due = anew or before != version
    if due and not dry_run:
        models.put_together(home, path, told, anew=anew)
    return Similarity(version, path, due, due and bool(before))


async def _outcomes(settings: Settings) -> Collected | None:
    """All outcomes; None when the servers do not answer."""
    elastic = Elastic(node_of(settings))
    try:
        if not await elastic.healthy():
            return None
        if not await asyncio.to_thread(broker_answers, brokers_of(settings)):
            return None
        return await collect(elastic, brokers_of(settings))
    finally:
        await elastic.close()


def install(trained: Trained, path: Path) -> None:
    """Puts accepted weights in force."""
    lesson = trained.lesson
    if trained.dry_run or lesson is None or lesson.candidate is None:
        return
    if lesson.decision is Decision.ACCEPTED:
        about: dict[str, Any] = {
            "learned_at": SystemClock().now().isoformat(),
            "instead_of": trained.before,
            "outcomes": [asdict(count) for count in lesson.counts],
            "comparison": lesson.comparison.as_dict() if lesson.comparison else None,
        }
        save_weights(path, lesson.candidate, about)
