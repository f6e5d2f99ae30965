"""Imports of several processes that share a data folder run one after the other."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import pytest

from producers.importing.import_turn import WAITED_FOR, ImportTurn, NotingPublisher, are_shown
from roost.events.envelope import Record
from roost.kafka.ports import Position
from roost.time.clock import FixedClock
from roost.topics import IMPORTS, OPENINGS, Topic
from tests.unit.api.builders import NOW
from tests.unit.api.import_process import SHOWN, TOPIC
from tests.unit.api.test_import_queue import LINE

ROOT = Path(__file__).parents[3]


class Process:
    """An importing process: its steps, and the permission to publish."""

    def __init__(self, folder: Path, name: str) -> None:
        (folder / f"{name}.ndjson").write_text(LINE, "utf-8")
        command = [sys.executable, "-m", "tests.unit.api.import_process", str(folder), name]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
        self._steps: Queue[str] = Queue()
        threading.Thread(target=self._read, daemon=True).start()
        assert self.step() == "ready"

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._steps.put(line.strip())

    def step(self, within_s: float = 60) -> str:
        return self._steps.get(timeout=within_s)

    def is_silent(self, for_s: float) -> bool:
        try:
            self._steps.get(timeout=for_s)
        except Empty:
            return True
        return False

    def allow(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)

    def end(self) -> None:
        self._process.communicate(timeout=30)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / TOPIC).touch()
    (tmp_path / SHOWN).write_text("0")
    return tmp_path


@pytest.fixture
def both(folder: Path) -> Iterator[tuple[Process, Process]]:
    first = Process(folder, "first")
    assert first.step() == "publishing 1"
    second = Process(folder, "second")
    yield first, second
    for each in (first, second):
        each.kill()


def test_an_import_of_another_process_waits_and_sees_what_this_one_wrote(
    folder: Path, both: tuple[Process, Process]
) -> None:
    first, second = both
    assert second.is_silent(1.5), "it waits for its turn"
    first.allow()
    assert first.step() == "done 1 0"
    assert second.is_silent(1.5), "it waits for the view, which lags behind"
    (folder / SHOWN).write_text("1")
    assert second.step() == "done 0 1", "the same opening is unchanged"
    assert len((folder / TOPIC).read_text().splitlines()) == 1


def test_the_turn_of_a_killed_process_is_free(folder: Path, both: tuple[Process, Process]) -> None:
    first, second = both
    assert second.is_silent(1.5)
    first.kill()
    assert second.step() == "publishing 1"
    second.allow()
    assert second.step() == "done 1 0"


def written(topic: Topic, key: str) -> Record:
    return Record(topic, key, b"{}", {})


class Published:
    def __init__(self, *offsets: tuple[int, int]) -> None:
        self._offsets = list(offsets)

    def publish(self, records: Any) -> list[Position]:
        return [
            Position(each.topic.name, *place)
            for each, place in zip(records, self._offsets, strict=True)
        ]


def test_the_newest_record_of_each_partition_is_awaited(tmp_path: Path) -> None:
    clock = FixedClock(NOW)
    first, second = (ImportTurn(tmp_path / "imports", clock) for _ in range(2))
    assert first.take()
    assert not second.take()
    assert first.earlier_writes() == {}
    records = [written(OPENINGS, each) for each in "abc"] + [written(IMPORTS, "i")]
    NotingPublisher(Published((0, 4), (1, 7), (0, 5), (0, 9)), first).publish(records)
    first.release()
    assert second.take()
    writes = second.earlier_writes()
    assert writes == {("openings", "c"): 6, ("openings", "b"): 8}
    assert not are_shown(writes, {("openings", "b"): {"version": 8}})
    assert not are_shown(writes, {key: {"version": 7} for key in writes})
    assert are_shown(writes, {key: {"version": 8} for key in writes})
    clock.moment = NOW + WAITED_FOR + timedelta(seconds=1)
    assert second.earlier_writes() == {}, "a view that stands still ends no import for good"


def test_a_state_that_a_killed_process_left_half_written_is_none(tmp_path: Path) -> None:
    turn = ImportTurn(tmp_path / "imports", FixedClock(NOW))
    (tmp_path / "imports.lock").write_text('{"at": "2026-1')
    assert turn.take()
    assert turn.earlier_writes() == {}
