"""Process that reads a workbook for another one, which it cannot take down or fill."""

from __future__ import annotations

import os
import subprocess
import sys
import weakref
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from producers.tables import workbook_child
from producers.tables.sheet_survey import row_too_large
from producers.tables.sheets import Merge
from producers.tables.workbook_archive import unreadable
from roost.errors import Invalid

MOST_BYTES = 3_000_000_000
"""Address space of the process; the largest sheet that the survey passes takes a third of it."""
MOST_SECONDS = 120
"""Processor time of the process."""
INHERITED = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "TZ")
"""Environment variables that the process needs; none of them holds a secret."""


class WorkbookProcess:
    """One workbook in a process that ends with this object. Serves one thread at a time."""

    def __init__(self, path: Path, most_bytes: int = MOST_BYTES) -> None:
        self.path = path
        self._process = subprocess.Popen(
            [sys.executable, "-P", workbook_child.__file__, str(path), str(most_bytes),
             str(MOST_SECONDS)],
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
        self.sheets: list[tuple[str, bool, bool]] = self._answer("book")[1]
        """Name of each sheet, whether it is visible, and whether it has cells."""

    def merges(self, sheet: str) -> list[Merge]:
        """Return the merged cells of a sheet. Raises Invalid for a damaged or too large one."""
        self._ask(sheet, None)
        return [Merge(*each) for each in self._answer("merges")[1]]

    def rows(self, sheet: str) -> Iterator[list[str]]:
        """Yield the rows of a sheet from the first one on. Raises Invalid for one too large.

        The next rows are read while the caller works on these. Readings may alternate.
        """
        reading = next(self._readings)
        self._ask(sheet, reading)
        while True:
            _, rows, fault = self._rows_of(reading)
            if not rows and not fault:
                return
            if not fault:
                self._ask(sheet, reading)
            yield from rows
            if fault:
                raise row_too_large(self.path, sheet)

    def _rows_of(self, reading: int) -> Any:
        if reading in self._ready:
            return self._ready.pop(reading)
        self._pending = None
        return self._answer("rows")

    def _ask(self, sheet: str, reading: int | None) -> None:
        """Send a request, after the answer to the pending one has been taken."""
        assert self._process.stdin is not None
        if self._pending is not None:
            self._ready[self._pending] = self._answer("rows")
        try:
            workbook_child.send(self._process.stdin, (sheet, reading))
        except OSError as error:
            raise _too_much_memory(self.path) from error
        self._pending = reading

    def _answer(self, kind: str) -> Any:
        """Return the next answer. Raises Invalid for a fault and if the process has ended."""
        assert self._process.stdout is not None
        answer = workbook_child.received(self._process.stdout)
        if answer is None:
            raise _too_much_memory(self.path)
        if answer[0] != kind:
            raise _protected(self.path) if answer[1] == "protected" else unreadable(self.path)
        return answer


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


def _protected(path: Path) -> Invalid:
    return Invalid(
        f"{path.name}: the workbook is protected by a password; save it without one.",
        f"{path.name}：工作簿设有密码，请取消密码后保存再上传。",
    )
