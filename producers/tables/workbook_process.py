"""Process that reads a workbook for another one, which it cannot take down or fill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import weakref
from collections.abc import Generator
from itertools import count
from pathlib import Path
from typing import Any

import structlog

from producers.tables import workbook_child
from producers.tables.sheet_survey import row_too_large
from producers.tables.sheets import Merge
from producers.tables.workbook_archive import unreadable
from roost.errors import Invalid, RoostError

MOST_BYTES = 3_000_000_000
"""Address space of the process; the largest sheet that the survey passes takes a third of it."""
MOST_SECONDS = 120
"""Seconds of processor time of the process."""
INHERITED = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "TZ")
"""Environment variables that the process needs; none of them holds a secret."""
WITHOUT_MEMORY = (-signal.SIGABRT, -signal.SIGKILL, -signal.SIGSEGV)
"""Ends of a native library that gets no memory, and of a process that the system chooses."""

_log = structlog.get_logger(__name__)


class WorkbookProcess:
    """One workbook in a process that ends with this object. Serves one thread at a time.

    Raises Invalid for a workbook that is damaged, protected, or takes too much memory or time, and
    RoostError if the process does not start.
    """

    def __init__(
        self, path: Path, most_bytes: int = MOST_BYTES, most_seconds: int = MOST_SECONDS
    ) -> None:
        self.path = path
        self._process = subprocess.Popen(
            [sys.executable, "-P", workbook_child.__file__, str(path), str(most_bytes),
             str(most_seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in INHERITED if name in os.environ},
            start_new_session=True,
        )  # fmt: skip
        weakref.finalize(self, _end, self._process)
        self._readings = count()
        self._pending: int | None = None
        self._ready: dict[int, Any] = {}
        """Answers that arrived while another reading asked, by reading."""
        self._left: set[int] = set()
        """Readings that nobody goes on with, whose answers are dropped."""
        self._has_started = False
        self._answer("started")
        self._has_started = True
        self.sheets: list[tuple[str, bool, bool]] = self._answer("book")[1]
        """Name of each sheet, whether it is visible, and whether it has cells."""

    def merges(self, sheet: str) -> list[Merge]:
        """Return the merged cells of a sheet. Raises Invalid for a damaged or too large one."""
        self._ask(sheet, None)
        return [Merge(*each) for each in self._answer("merges")[1]]

    def rows(self, sheet: str) -> Generator[list[str], None, None]:
        """Yield the rows of a sheet from the first one on. Raises Invalid for one too large.

        The next rows are read while the caller works on these. Readings may alternate.
        """
        reading = next(self._readings)
        self._ask(sheet, reading)
        try:
            while True:
                _, rows, fault = self._rows_of(reading)
                if not rows and not fault:
                    return
                if not fault:
                    self._ask(sheet, reading)
                yield from rows
                if fault:
                    raise row_too_large(self.path, sheet)
        finally:
            self._ready.pop(reading, None)
            self._left.add(reading)

    def _rows_of(self, reading: int) -> Any:
        if reading in self._ready:
            return self._ready.pop(reading)
        self._pending = None
        return self._answer("rows")

    def _ask(self, sheet: str, reading: int | None) -> None:
        """Send a request, after the answer to the pending one has been taken."""
        assert self._process.stdin is not None
        if self._pending is not None:
            answer = self._answer("rows")
            if self._pending not in self._left:
                self._ready[self._pending] = answer
        try:
            workbook_child.send(self._process.stdin, (sheet, reading))
        except OSError as error:
            raise self._ended() from error
        self._pending = reading

    def _answer(self, kind: str) -> Any:
        """Return the next answer. Raises Invalid for a fault and if the process has ended."""
        assert self._process.stdout is not None
        answer = workbook_child.received(self._process.stdout)
        if answer is None:
            raise self._ended()
        if answer[0] != kind:
            raise _FAULTS[answer[1]](self.path)
        return answer

    def _ended(self) -> RoostError:
        """Return the error for a process that has ended before its answer, and log how it ended.

        Its standard error is not kept: a native library may print texts of cells there.
        """
        code = self._process.wait()
        _log.warning("workbook_reader_ended", code=code, started=self._has_started)
        if not self._has_started:
            return _not_started(self.path)
        if code == -signal.SIGXCPU:
            return _too_slow(self.path)
        return _too_much_memory(self.path) if code in WITHOUT_MEMORY else unreadable(self.path)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process, and close its pipes."""
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def _too_much_memory(path: Path) -> Invalid:
    return Invalid(
        f"{path.name}: the workbook takes too much memory; save the sheet as CSV.",
        f"{path.name}：读取工作簿占用内存过大，请将工作表另存为 CSV。",
    )


def _too_slow(path: Path) -> Invalid:
    return Invalid(
        f"{path.name}: the workbook takes too long to read; save the sheet as CSV.",
        f"{path.name}：读取工作簿耗时过长，请将工作表另存为 CSV。",
    )


def _not_started(path: Path) -> RoostError:
    return RoostError(
        f"{path.name}: the program that reads workbooks does not start on this server; tell its "
        "operator, or save the sheet as CSV.",
        f"{path.name}：服务器上的工作簿读取程序无法启动，请联系管理员，或将工作表另存为 CSV。",
    )


def _protected(path: Path) -> Invalid:
    return Invalid(
        f"{path.name}: the workbook is protected by a password; save it without one.",
        f"{path.name}：工作簿设有密码，请取消密码后保存再上传。",
    )


_FAULTS = {"protected": _protected, "unreadable": unreadable, "memory": _too_much_memory}
