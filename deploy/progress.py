"""A line on the terminal that names the step under way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[str], object]]:
    """Yield a function that shows the name of the current step on standard error."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=quiet) as shown:
        step = shown.add_task("", total=None)
        yield lambda description: shown.update(step, description=description)
