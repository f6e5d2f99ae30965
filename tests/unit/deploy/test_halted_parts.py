"""A part that stops at dead letters is not restarted in a hot loop, and the status says so."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.local import supervisor
from deploy.local.processes import Part
from deploy.local.stack_ports import Ports
from deploy.local.supervisor import (
    HALTED,
    HALTED_RESTART_S,
    LONGEST_RESTART_S,
    State,
    Supervisor,
    status,
)

HALTED_STATUS = 65
PATIENCE_S = 60.0


class Shown:
    """The states that a supervisor shows, each with the wait until the next start."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.waits: list[float] = []

    def __call__(self, name: str, state: State) -> None:
        self.words.append(state.word)
        self.waits.append(state.next_start - time.monotonic())


@contextmanager
def supervised(data: Path, exit_status: int) -> Iterator[tuple[Supervisor, Shown]]:
    """Supervise a part that ends at once with a status."""
    shown = Shown()
    watched = Supervisor(data, Ports.free(), shown)
    command = (sys.executable, "-c", f"import sys; sys.exit({exit_status})")
    part = Part("index", command, ready=lambda: True, halted_status=HALTED_STATUS)
    with watched.held():
        watched.start([part])
        yield watched, shown


def look_until(watched: Supervisor, shown: Shown, word: str, times: int = 1) -> float:
    """Let the supervisor look until it shows a state; return the wait that it then announced."""
    deadline = time.monotonic() + PATIENCE_S
    while shown.words.count(word) < times:
        assert time.monotonic() < deadline, shown.words
        watched.look()
        time.sleep(0.02)
    return shown.waits[-1]


def test_a_stage_that_stopped_at_dead_letters_waits_for_minutes(tmp_path: Path) -> None:
    with supervised(tmp_path, HALTED_STATUS) as (watched, shown):
        wait = look_until(watched, shown, HALTED)
        assert wait == pytest.approx(HALTED_RESTART_S, abs=5)
        found = status(tmp_path)
        assert found is not None
        assert [(part.name, part.alive, part.halted) for part in found.parts] == [
            ("index", False, True)
        ]


def test_a_stage_that_crashed_is_restarted_within_seconds(tmp_path: Path) -> None:
    with supervised(tmp_path, 70) as (watched, shown):
        assert look_until(watched, shown, "restarting") <= LONGEST_RESTART_S
        found = status(tmp_path)
        assert found is not None
        assert not found.parts[0].halted
        assert HALTED not in shown.words


def test_a_stopped_stage_is_tried_again_after_its_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "HALTED_RESTART_S", 0.1)
    with supervised(tmp_path, HALTED_STATUS) as (watched, shown):
        look_until(watched, shown, HALTED, times=2)
        assert shown.words[:5] == ["starting", "ready", HALTED, "starting", "ready"]
