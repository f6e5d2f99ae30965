"""`roost train`: the similarity model, and better weights and precedents from outcomes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from deploy.progress import progress
from deploy.stack_commands import Data

if TYPE_CHECKING:
    from collections.abc import Callable

    from roost.settings import Settings
    from streams.learning.outcome_collection import CollectedOutcomes
    from streams.learning.weight_training import TrainingResult


def train(
    data: Data = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Report the outcome without changing anything.")
    ] = False,
    without_outcomes: Annotated[
        bool, typer.Option("--without-outcomes", help="Build the similarity model only.")
    ] = False,
    retrain: Annotated[
        bool,
        typer.Option(
            "--retrain", "--anew", help="Retrain the similarity model; takes some minutes."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Build the similarity model if needed, and learn weights and precedents from outcomes.

    New weights and precedents come into force only if they are better on held-out days. Precedents
    that a training does not confirm are removed. Stages use them from their next start. Remove
    `model/weights.json` or `model/precedents.json` to return to the stated weights or to content
    alone.

    Examples:
        roost train

        roost train --dry-run

        roost train --retrain --without-outcomes

        roost train --without-outcomes --data ./data
    """
    from streams.learning import training_report

    with progress(quiet=as_json) as say:
        result = _run(data, say, dry_run=dry_run, outcomes=not without_outcomes, retrain=retrain)
    if as_json:
        typer.echo(json.dumps(training_report.as_json(result), indent=2, ensure_ascii=False))
    else:
        training_report.show(result, Console())


def _run(
    data: Path | None,
    say: Callable[[str], object],
    *,
    dry_run: bool,
    outcomes: bool,
    retrain: bool,
) -> TrainingResult:
    """Train the model and, with `outcomes`, the rest; report each step to `say`."""
    import asyncio
    from dataclasses import replace

    from deploy.local import encoder_files
    from matcher.learned import load_weights
    from matcher.precedent_files import load_precedents
    from roost.time.clock import SystemClock
    from streams.learning import precedent_training, weight_training
    from streams.views.model_files import model_path, precedents_path, weights_path

    settings, has_servers = _settings_of(data)
    say("The similarity model")
    similarity = weight_training.build_model(
        encoder_files.fetch(say) / "encoders",
        model_path(settings),
        say,
        dry_run=dry_run,
        retrain=retrain,
    )
    before = load_weights(weights_path(settings)).version
    result = weight_training.TrainingResult(
        similarity,
        before,
        dry_run=dry_run,
        precedents_before=load_precedents(precedents_path(settings)).version,
    )
    if not outcomes:
        return replace(result, not_looked_at="only the similarity model was requested")
    say("Reading outcomes")
    collected = asyncio.run(_collected(settings)) if has_servers else None
    if collected is None:
        return replace(result, not_looked_at="no servers run; `roost up` starts them")
    say(f"Learning from {len(collected.rows)} outcomes")
    now, weights = SystemClock().now(), weights_path(settings)
    result = weight_training.learn_weights(result, collected, weights, now)
    return precedent_training.train_precedents(result, weights, precedents_path(settings), now)


def _settings_of(data: Path | None) -> tuple[Settings, bool]:
    """Return the settings to train for, and whether they name servers to read outcomes from.

    A named folder learns from its own stack only, never from another one that runs.
    """
    from deploy.environment import in_usual_folder, settings_for
    from deploy.local.supervisor import status
    from roost.settings import Settings

    settings = Settings()
    if data is None:
        return in_usual_folder(settings), True
    running = status(data.resolve())
    if running is not None:
        return settings_for(data.resolve(), running.ports), True
    return settings.model_copy(update={"data": data.resolve(), "model_path": None}), False


async def _collected(settings: Settings) -> CollectedOutcomes | None:
    """Collect all outcomes; None when the servers do not answer."""
    import asyncio

    from producers.admin import broker_answers
    from roost.servers.connections import brokers_of, node_of
    from roost.views.elastic import Elastic
    from streams.learning.outcome_collection import collect_outcomes

    elastic = Elastic(node_of(settings))
    try:
        if not await elastic.healthy():
            return None
        if not await asyncio.to_thread(broker_answers, brokers_of(settings)):
            return None
        return await collect_outcomes(elastic, brokers_of(settings))
    finally:
        await elastic.close()
