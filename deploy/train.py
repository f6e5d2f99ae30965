"""`roost train`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from deploy.stack_commands import Data


def train(
    data: Data = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")
    ] = False,
    without_outcomes: Annotated[
        bool, typer.Option("--without-outcomes", help="The similarity model only.")
    ] = False,
    anew: Annotated[
        bool,
        typer.Option("--anew", help="Learn the similarity model anew; takes some minutes."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Build the similarity model if need be, and learn the score's weights from outcomes.

    Weights come into force only if they are better on days that they have not seen. Stages use
    them from their next start; remove `model/weights.json` to go back to the stated ones.

    Examples:
        roost train

        roost train --dry-run

        roost train --anew --without-outcomes

        roost train --without-outcomes --data ./data
    """
    from deploy import training, training_report

    with progress(quiet=as_json) as told:
        trained = training.run(
            data, told, dry_run=dry_run, outcomes=not without_outcomes, anew=anew
        )
    if as_json:
        typer.echo(json.dumps(training_report.as_json(trained), indent=2, ensure_ascii=False))
    else:
        training_report.show(trained, Console())


@contextmanager
def progress(*, quiet: bool) -> Iterator[Any]:
    """A function that says what is being done now, on standard error."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=quiet) as progress:
        step = progress.add_task("", total=None)
        yield lambda what: progress.update(step, description=what)
