"""The choice of the engine that consumes a stage's topics."""

from __future__ import annotations

from roost.settings import StageRunner
from streams.kernel.batch_source import Runner


def load_runner(kind: StageRunner) -> Runner:
    """Return the runner of this kind; the other engine is not imported."""
    if kind is StageRunner.AIOKAFKA:
        from streams.kernel.aiokafka_runner import run_on_aiokafka

        return run_on_aiokafka
    from streams.kernel.faust_runner import run_on_faust

    return run_on_faust
