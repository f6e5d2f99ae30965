"""Child processes with a log, a readiness check and a mark on disk for the clean-up."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from deploy.local.child_environment import Inherit, server_environment
from deploy.local.stack_errors import CannotStart
from roost.security.private_folders import private_folder

LAUNCHER = Path(__file__).with_name("launch.py")
LOG_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """One process of the stack: its command and its readiness check."""

    name: str
    command: tuple[str, ...]
    ready: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables set for this part, over those it inherits."""
    inherit: Inherit = server_environment
    user: int = 0
    """Numeric user to run as; 0 keeps the current one."""
    port: int | None = None
    ready_within_s: float = 90.0
    stop_within_s: float = 20.0
    halted_status: int | None = None
    """Exit status after which an early restart is useless; None if there is no such status."""


def rotate(log: Path) -> None:
    """Set a log aside that has grown to `LOG_BYTES`, in place of the one set aside before."""
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".1.log"))


class Process:
    """A started part. Start it from the main thread only: it dies with its thread."""

    def __init__(self, part: Part, data: Path) -> None:
        self.part = part
        self.log = data / "logs" / f"{part.name}.log"
        self._mark = data / "run" / f"{part.name}.json"
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    def alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    @property
    def status(self) -> int | None:
        return self._child.poll() if self._child else None

    def start(self) -> None:
        for folder in (self.log.parent, self._mark.parent):
            private_folder(folder)
        rotate(self.log)
        command = [
            sys.executable,
            "-I",
            str(LAUNCHER),
            str(os.getpid()),
            str(self.part.user),
            *self.part.command,
        ]
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self.part.inherit(os.environ) | dict(self.part.environment),
                start_new_session=True,  # Ctrl-C reaches the supervisor only
            )
        self._write_mark()

    @property
    def halted(self) -> bool:
        """Whether the process ended with the status that asks for no early restart."""
        return self.status is not None and self.status == self.part.halted_status

    def mark_halted(self) -> None:
        """Note on disk, for other commands, that the process has halted."""
        self._write_mark(halted=True)

    def _write_mark(self, *, halted: bool = False) -> None:
        assert self._child is not None
        started = json.loads(self._mark.read_text("utf-8"))["started"] if halted else None
        mark = {
            "pid": self._child.pid,
            "started": started or psutil.Process(self._child.pid).create_time(),
            "port": self.part.port,
            "halted": halted,
        }
        self._mark.write_text(json.dumps(mark), encoding="utf-8")

    def wait_ready(self) -> None:
        """Wait until the part is ready. Raises CannotStart when it dies or takes too long."""
        deadline = time.monotonic() + self.part.ready_within_s
        while not self.part.ready():
            if not self.alive():
                raise CannotStart(
                    f"{self.part.name} ended while starting (status {self.status}); the end of "
                    f"its log, {self.log}:\n{self.tail()}"
                )
            if time.monotonic() > deadline:
                raise CannotStart(
                    f"{self.part.name} was not ready after {self.part.ready_within_s:.0f} s; the "
                    f"end of its log, {self.log}:\n{self.tail()}"
                )
            time.sleep(0.1)

    def tail(self, lines: int = 15) -> str:
        if not self.log.exists():
            return "(empty)"
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-lines:]) or "(empty)"

    def signal(self, number: int) -> None:
        if self._child is not None and self.alive():
            os.killpg(self._child.pid, number)

    def pause(self) -> None:
        """Stop all threads of the process until SIGCONT. Raises TimeoutError after 30 s.

        The signal alone stops nothing at once: until one thread takes it, the others go on.
        """
        assert self._child is not None
        self.signal(signal.SIGSTOP)
        deadline = time.monotonic() + 30
        while os.waitid(os.P_PID, self._child.pid, os.WSTOPPED | os.WNOHANG) is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.part.name} goes on after SIGSTOP")
            time.sleep(0.01)

    def stop(self) -> None:
        """Ask the process to end; kill it after its deadline."""
        if self._child is None:
            return
        self.signal(signal.SIGTERM)
        try:
            self._child.wait(self.part.stop_within_s)
        except subprocess.TimeoutExpired:
            self.kill()
        self._mark.unlink(missing_ok=True)

    def kill(self) -> None:
        if self._child is None:
            return
        self.signal(signal.SIGKILL)
        self._child.wait()
        self._mark.unlink(missing_ok=True)


def clean_up(data: Path) -> list[str]:
    """Kill the processes that an earlier supervisor of this folder left; return their names.

    A process is touched only when both its id and its start time match the mark.
    """
    ended = []
    for mark in sorted((data / "run").glob("*.json")):
        marked = json.loads(mark.read_text(encoding="utf-8"))
        if (process := running(marked)) is not None:
            family = [process, *process.children(recursive=True)]
            for each in family:
                each.kill()
            psutil.wait_procs(family, timeout=10)
            ended.append(mark.stem)
        mark.unlink()
    return ended


def running(marked: Mapping[str, float]) -> psutil.Process | None:
    """Return the process that a mark denotes, if it still runs."""
    try:
        process = psutil.Process(int(marked["pid"]))
        same = abs(process.create_time() - marked["started"]) < 1
    except psutil.NoSuchProcess:
        return None
    return process if same and process.status() != psutil.STATUS_ZOMBIE else None
