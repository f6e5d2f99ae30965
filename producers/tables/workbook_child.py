"""Program that reads one workbook with calamine, in a process with bounded memory.

A native library allocates as the file says: a workbook of 1 kB with a cell in row 4,294,967,295, or
200,000 cells that share a text of 3 MB, ends its process. So it runs outside of the process that
asks. It is a script that imports nothing of Roost; `producers.tables.workbook_process` starts it.

Messages are marshalled values after their length. The first answer is `("started",)`, when the
limits hold and the library is loaded; the next is `("book", sheets)`. Instead of any further answer
`("fault", word)` may come: `protected`, `unreadable` or `memory`. A request `(sheet, None)` is
answered with the merged cells of the sheet, `(sheet, reading)` with the next rows of that reading,
none at its end.
"""

from __future__ import annotations

import marshal
import math
import resource
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any

EXACT_DIGITS = 15
"""Digits of a number that a spreadsheet keeps (IEEE 754 double precision)."""
LONGEST_CELL = 100_001
"""Characters that are passed on: one more than the longest cell that is accepted."""
MOST_ROWS = 500
"""Rows of one answer."""
LARGEST_ANSWER = 8_000_000
"""Characters after which an answer takes no further row; a longer row ends the reading."""


def cell_text(value: Any) -> str:
    """Return the text of a cell as a spreadsheet shows it.

    A number of more than 15 digits is shown in exponential form: the others are lost. NaN is an
    empty cell, and an infinite number has the name that JSON gives it (`json_values`).
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float) and math.isfinite(value):
        if abs(value) >= 10**EXACT_DIGITS:
            return f"{value:.14E}"
        return f"{value:.{EXACT_DIGITS}g}" if value != int(value) else str(int(value))
    if isinstance(value, float):
        return "" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, datetime):
        if value.time() == time():
            return value.date().isoformat()
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def send(out: IO[bytes], message: Any) -> None:
    """Write a message."""
    data = marshal.dumps(message)
    out.write(len(data).to_bytes(8, "big") + data)
    out.flush()


def received(source: IO[bytes]) -> Any:
    """Return the next message; None at the end."""
    size = source.read(8)
    if len(size) < 8:
        return None
    data = source.read(int.from_bytes(size, "big"))
    return marshal.loads(data)


def main(path: str, most_bytes: int, most_seconds: int) -> None:
    """Answer the requests of standard input about the workbook at a path."""
    _limit(resource.RLIMIT_AS, most_bytes)
    # The signal at the lower limit, SIGXCPU, tells the end apart from one without memory.
    _limit(resource.RLIMIT_CPU, most_seconds, spare=5)
    _limit(resource.RLIMIT_CORE, 0)
    with suppress(OSError):  # elsewhere than on Linux
        Path("/proc/self/oom_score_adj").write_text("1000")  # the first to end without memory
    import python_calamine as calamine  # after the limits

    out = sys.stdout.buffer
    send(out, ("started",))
    try:
        _answer_requests(path, calamine, sys.stdin.buffer, out)
    except MemoryError:
        send(out, ("fault", "memory"))


def _limit(resource_id: int, wanted: int, spare: int = 0) -> None:
    """Lower a limit of this process to a value; a lower one that it was started with stays."""
    _, most = resource.getrlimit(resource_id)
    lowest = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    highest = lowest + spare if most == resource.RLIM_INFINITY else min(lowest + spare, most)
    try:
        resource.setrlimit(resource_id, (lowest, highest))
    except (ValueError, OSError):
        if sys.platform == "linux":  # macOS knows some limits by name alone
            raise


def _answer_requests(path: str, calamine: Any, source: IO[bytes], out: IO[bytes]) -> None:
    try:
        with open(path, "rb") as file:  # a path's ending would decide the format
            book = calamine.CalamineWorkbook.from_filelike(file)
    except calamine.PasswordError:
        send(out, ("fault", "protected"))
        return
    except (calamine.CalamineError, ValueError, OSError):
        send(out, ("fault", "unreadable"))
        return
    visible, table = calamine.SheetVisibleEnum.Visible, calamine.SheetTypeEnum.WorkSheet
    sheets = book.sheets_metadata
    send(
        out, ("book", [(each.name, each.visible == visible, each.typ == table) for each in sheets])
    )
    loaded: dict[str, Any] = {}
    readings: dict[int, Iterator[list[str]]] = {}
    while request := received(source):
        name, reading = request
        try:
            cells = loaded[name] = loaded.get(name) or book.get_sheet_by_name(name)
        except (calamine.CalamineError, ValueError, OSError):
            send(out, ("fault", "unreadable"))
            return
        if reading is None:
            send(out, ("merges", _merges(cells)))
        else:
            send(out, ("rows", *_next_rows(readings.setdefault(reading, _texts(cells)))))


def _merges(cells: Any) -> list[tuple[int, int, int, int]]:
    """Return merged cells: first and last row and column, from 1."""
    return [
        (top + 1, left + 1, bottom + 1, right + 1)
        for (top, left), (bottom, right) in cells.merged_cell_ranges or ()
    ]


def _texts(cells: Any) -> Iterator[list[str]]:
    """Yield the rows from the first column on, each cell as text."""
    indent = [""] * (cells.start[1] if cells.start else 0)
    for values in cells.iter_rows():
        row = [each if type(each) is str else cell_text(each) for each in values]
        yield indent + row if indent else row


def _next_rows(rows: Iterator[list[str]]) -> tuple[list[list[str]], str]:
    """Return the next rows, and the fault that ends the reading."""
    found: list[list[str]] = []
    size = 0
    for row in rows:
        length = sum(map(len, row))
        if length > LARGEST_ANSWER:
            return found, "long row"
        if length > LONGEST_CELL:
            row = [each[:LONGEST_CELL] for each in row]
        found.append(row)
        size += length + len(row)
        if len(found) == MOST_ROWS or size > LARGEST_ANSWER:
            break
    return found, ""


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
