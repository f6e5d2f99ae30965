"""The processes of the stages that `roost up` starts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deploy.local.machine import SMALL
from deploy.up import STAGES, chosen_stage_parts
from roost.settings import Settings, StageProcesses


@pytest.mark.parametrize(
    ("chosen", "processors", "names"),
    [
        (StageProcesses.AUTO, 2, ["stages"]),
        (StageProcesses.AUTO, SMALL, ["stages"]),
        (StageProcesses.AUTO, SMALL + 1, list(STAGES)),
        (StageProcesses.ONE, 64, ["stages"]),
        (StageProcesses.EACH, 2, list(STAGES)),
    ],
)
def test_stages_share_a_process_on_a_small_machine_unless_told_otherwise(
    chosen: StageProcesses,
    processors: int,
    names: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: processors)
    parts = chosen_stage_parts(Settings(data=tmp_path, stage_processes=chosen))
    assert [part.name for part in parts] == names
    run = [stage for part in parts for stage in part.command if stage in STAGES]
    assert run == list(STAGES), "every stage runs once"
