"""The supervisor of a data folder: starts the parts in order, watches them, stops them all."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType

import psutil

from deploy.local.processes import Part, Process, clean_up, running
from deploy.local.server_user import private_data
from deploy.local.stack_errors import CannotStart
from deploy.local.stack_ports import Ports

FIRST_RESTART_S, LONGEST_RESTART_S = 1.0, 30.0
HALTED_RESTART_S = 300.0
"""Wait before a part is tried again that reported that an early restart is useless."""
HALTED = "stopped at dead letters"
CALM_S = 60.0
"""Seconds without a death after which the back-off before a restart is reset."""


@dataclass(slots=True)
class State:
    """The state of a part: starting, ready, restarting, stopped at dead letters, or stopped."""

    word: str = "waiting"
    restarts: int = 0
    next_start: float = 0.0
    started_at: float = 0.0


Listener = Callable[[str, State], None]


class Supervisor:
    """Owner of a data folder and of the parts that run in it."""

    def __init__(self, data: Path, ports: Ports, listen: Listener) -> None:
        self.data = data
        self.ports = ports
        self._listen = listen
        self._processes: dict[str, Process] = {}
        self._states: dict[str, State] = {}
        self._stopping = threading.Event()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Own the data folder: one supervisor at a time, leftovers killed, signals handled.

        Raises CannotStart when another supervisor owns it.
        """
        private_data(self.data)
        run = self.data / "run"
        run.mkdir(exist_ok=True)
        with (run / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CannotStart(
                    f"A stack already runs in {self.data}; `roost status` shows it and "
                    "`roost down` ends it (or choose another folder with --data)."
                ) from None
            clean_up(self.data)
            self._write_state()
            before = {
                number: signal.signal(number, self._asked_to_stop)
                for number in (signal.SIGINT, signal.SIGTERM)
            }
            try:
                yield
            finally:
                self.stop()
                state_file(self.data).unlink(missing_ok=True)
                for number, handler in before.items():
                    signal.signal(number, handler)

    def start(self, parts: Sequence[Part]) -> None:
        """Start parts concurrently and wait until all are ready. Raises CannotStart."""
        self.launch(parts)
        self.wait_ready(parts)

    def launch(self, parts: Sequence[Part]) -> None:
        """Start parts concurrently, without a wait."""
        for part in parts:
            process = self._processes[part.name] = Process(part, self.data)
            state = self._states[part.name] = State("starting", started_at=time.monotonic())
            self._listen(part.name, state)
            process.start()

    def wait_ready(self, parts: Sequence[Part]) -> None:
        """Wait until launched parts are ready. Raises CannotStart."""
        for part in parts:
            self._processes[part.name].wait_ready()
            self._set(part.name, "ready")

    def watch(self, until: Callable[[], bool] = lambda: False) -> None:
        """Restart dead parts, with back-off, until asked to stop or `until` returns True."""
        while not self._stopping.wait(0.2) and not until():
            self.look()

    def look(self) -> None:
        """Check every part once, for callers that do other work in between."""
        for name, process in self._processes.items():
            self._look_after(name, process)

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    def stop(self) -> None:
        """Stop the parts in reverse order, those of one group concurrently."""
        self._stopping.set()
        for process in reversed(list(self._processes.values())):
            process.signal(signal.SIGTERM) if process.part.name not in SERVERS else None
        for name, process in reversed(list(self._processes.items())):
            process.stop()
            self._set(name, "stopped")

    def process(self, name: str) -> Process:
        return self._processes[name]

    def _look_after(self, name: str, process: Process) -> None:
        state = self._states[name]
        now = time.monotonic()
        if process.alive():
            if state.word == "starting" and process.part.ready():
                self._set(name, "ready")
            if state.restarts and now - state.started_at > CALM_S:
                state.restarts = 0
            return
        if state.word not in {"restarting", HALTED}:
            wait = min(FIRST_RESTART_S * 2**state.restarts, LONGEST_RESTART_S)
            if process.halted:
                wait = HALTED_RESTART_S
                process.mark_halted()
            state.restarts, state.next_start = state.restarts + 1, now + wait
            self._set(name, HALTED if process.halted else "restarting")
        elif now >= state.next_start:
            process.start()
            state.started_at = now
            self._set(name, "starting")

    def _set(self, name: str, word: str) -> None:
        self._states[name].word = word
        self._listen(name, self._states[name])

    def _asked_to_stop(self, number: int, frame: FrameType | None) -> None:
        if self._stopping.is_set() and number == signal.SIGINT:
            return
        self._stopping.set()
        raise KeyboardInterrupt

    def _write_state(self) -> None:
        me = psutil.Process()
        state_file(self.data).write_text(
            json.dumps(
                {"pid": os.getpid(), "started": me.create_time(), "ports": asdict(self.ports)}
            ),
            encoding="utf-8",
        )


SERVERS = {"kafka", "elasticsearch"}


def state_file(data: Path) -> Path:
    return data / "stack.json"


@dataclass(frozen=True, slots=True)
class PartStatus:
    name: str
    pid: int | None
    port: int | None
    alive: bool
    halted: bool = False
    """True if it stopped at too many dead letters and waits for its next attempt."""


@dataclass(frozen=True, slots=True)
class StackStatus:
    """The status of a data folder, as shown by `roost status`."""

    supervisor: int | None
    ports: Ports
    parts: tuple[PartStatus, ...]


def status(data: Path) -> StackStatus | None:
    """Return the status; None when no supervisor runs in the folder."""
    path = state_file(data)
    if not path.exists():
        return None
    stored = json.loads(path.read_text(encoding="utf-8"))
    if running(stored) is None:
        return None
    parts = []
    for mark in sorted((data / "run").glob("*.json")):
        marked = json.loads(mark.read_text(encoding="utf-8"))
        alive = running(marked) is not None
        halted = bool(marked.get("halted"))
        parts.append(PartStatus(mark.stem, marked["pid"], marked["port"], alive, halted))
    return StackStatus(stored["pid"], Ports(**stored["ports"]), tuple(parts))


def down(data: Path, timeout_s: float = 120.0) -> bool:
    """Stop the stack of a folder and wait until it has ended; return False when none ran."""
    found = status(data)
    if found is None or found.supervisor is None:
        clean_up(data)
        return False
    supervisor = psutil.Process(found.supervisor)
    supervisor.terminate()
    try:
        supervisor.wait(timeout_s)
    except psutil.TimeoutExpired:
        raise CannotStart(
            f"The stack in {data} did not end within {timeout_s:.0f} s; its supervisor is "
            f"process {found.supervisor}, the logs are in {data / 'logs'}."
        ) from None
    return True
