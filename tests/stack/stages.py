"""Stages as separate processes, as `roost up` runs them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from deploy.local.processes import Process
from deploy.up import STAGES, stage_parts
from roost.settings import Settings


@contextmanager
def running(settings: Settings, *names: str) -> Iterator[dict[str, Process]]:
    """Run the named stages, or all; end them in order."""
    wanted = names or STAGES
    parts = [part for part in stage_parts(settings) if part.name in wanted]
    processes = {part.name: Process(part, settings.data) for part in parts}
    for process in processes.values():
        process.start()
    for process in processes.values():
        process.wait_ready()
    yield processes
    for process in processes.values():
        process.stop()
