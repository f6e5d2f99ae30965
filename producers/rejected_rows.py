"""Rejected rows of imports, kept for their correction: private files that expire.

A row is personal data in clear text. Its file is readable by its owner only from its creation on,
is removed after some days, and loses the rows of a worker who is erased. The files of imports are
bounded: a small upload of short rows would otherwise become a file of many gigabytes.
"""

from __future__ import annotations

import fcntl
import json
import math
import os
import secrets
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from producers.rejects_elsewhere import noted_paths
from roost import ids
from roost.security.private_folders import private_folder
from roost.text.references import common_number

ENDING = ".rejects.jsonl"
UNDO_ENDING = ".undo.jsonl"
"""Ending of the facts that an import has replaced, which are personal data as well."""
MOST_KEPT_ROWS = 20_000
"""Most rejected rows that are kept of an import; further ones are only counted."""
MOST_KEPT_BYTES = 20_000_000
LOCK = ".rewriting"
MARKS = ".erased.jsonl"
"""Ids of workers whose rows an erasure has removed; the file expires as those of imports do."""


class KeptLines:
    """A private file of lines that grows by flushes; an erasure may rewrite it between two.

    Lines of a worker who has been erased since the file was begun are dropped: the sweep of the
    erasure may have passed before the import writes them. Beyond `most_lines` or `most_bytes`,
    lines are dropped as well. `folder` is that of all imports, if the file is elsewhere.
    """

    def __init__(
        self,
        path: Path,
        most_lines: float = math.inf,
        most_bytes: float = math.inf,
        folder: Path | None = None,
    ) -> None:
        self._path = path
        self._folder = folder or path.parent
        self._lines_left = most_lines
        self._bytes_left = most_bytes
        open_private(path).close()
        with _alone(self._folder):
            self._former_marks = frozenset(_erasure_marks(self._folder))

    def append(self, lines: Sequence[str]) -> None:
        """Add lines to the file as it is now."""
        kept = list(self._fitting(lines))
        if not kept:
            return
        with _alone(self._folder):
            marks = [
                each for each in _erasure_marks(self._folder) if each not in self._former_marks
            ]
            erased = {json.loads(each)["worker"] for each in marks}
            kept = [each for each in kept if not _names(each, erased)]
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
            descriptor = os.open(self._path, flags, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.writelines(f"{each}\n" for each in kept)

    def _fitting(self, lines: Sequence[str]) -> Iterator[str]:
        for line in lines:
            self._lines_left -= 1
            self._bytes_left -= len(line.encode("utf-8", "replace"))
            if self._lines_left < 0 or self._bytes_left < 0:
                return
            yield line


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Exclude other writers of the folder's files, in every process."""
    private_folder(folder)
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def new_rejects_path(folder: Path, file: Path, now: datetime) -> Path:
    """Return the path of the rejected rows of a file imported now."""
    return folder / f"{file.name}.{now:%Y%m%d-%H%M%S}{ENDING}"


def open_private(path: Path) -> IO[str]:
    """Create or empty a file that only its owner can read, and its folder. Follows no link."""
    private_folder(path.parent)
    return open_existing(path)


def open_existing(path: Path) -> IO[str]:
    """Do as `open_private` in an existing folder. Raises FileNotFoundError without one."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(path, flags, 0o600)
    os.fchmod(descriptor, 0o600)
    return os.fdopen(descriptor, "w", encoding="utf-8")


def worker_of(source: str, identifier: object) -> str | None:
    """Return the id of the worker whom a row names; None for a row without a number."""
    text = common_number(str(identifier)) if isinstance(identifier, str | int) else ""
    return ids.worker_id(source, text) if text else None


def prune_rejected_rows(folder: Path, now: datetime, keep: timedelta) -> int:
    """Remove the files that were written longer ago than `keep`; return their number."""
    expired = [path for path in rejects_files(folder) if _age(path, now) > keep]
    for path in expired:
        path.unlink(missing_ok=True)
    marks = folder / MARKS
    if marks.exists() and _age(marks, now) > keep:  # no import runs that long
        marks.unlink(missing_ok=True)
    return len(expired)


def erase_rejected_rows(folder: Path, *worker_ids: str) -> int:
    """Remove the rows of a worker from every file; return their number.

    A row carries the id that its own number has, so `worker_ids` are those of all their numbers.
    A mark of the erasure keeps running imports from writing such rows afterwards.
    """
    if not folder.exists():  # nothing was ever rejected
        return 0
    with _alone(folder):
        _mark_erasure(folder, worker_ids)
        return sum(_erase(path, worker_ids) for path in rejects_files(folder))


def _mark_erasure(folder: Path, worker_ids: Sequence[str]) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
    with os.fdopen(os.open(folder / MARKS, flags, 0o600), "w", encoding="utf-8") as file:
        for each in worker_ids:
            mark = {"worker": each, "mark": secrets.token_hex(8)}
            file.write(f"{json.dumps(mark)}\n")


def _erasure_marks(folder: Path) -> list[str]:
    """Return the marks of erasures, each unlike every other one."""
    try:
        return (folder / MARKS).read_text("utf-8").splitlines()
    except FileNotFoundError:
        return []


def rejects_files(folder: Path) -> Iterator[Path]:
    """Yield the files of the folder, and those that an operator had written elsewhere."""
    for ending in (ENDING, UNDO_ENDING):
        yield from (path for path in folder.glob(f"*{ending}") if path.is_file())
    yield from noted_paths(folder)


def _age(path: Path, now: datetime) -> timedelta:
    return now - datetime.fromtimestamp(path.stat().st_mtime, now.tzinfo)


def _erase(path: Path, worker_ids: Collection[str]) -> int:
    """Rewrite a file without a worker's rows; a file without any stays as it is."""
    with path.open(encoding="utf-8") as lines:
        if not any(_names(line, worker_ids) for line in lines):
            return 0
    erased = 0
    written = path.stat()
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with path.open(encoding="utf-8") as lines, open_private(fresh) as kept:
        for line in lines:
            if _names(line, worker_ids):
                erased += 1
            else:
                kept.write(line)
    os.utime(fresh, (written.st_atime, written.st_mtime))  # the file expires as before
    fresh.replace(path)
    return erased


def _names(line: str, worker_ids: Collection[str]) -> bool:
    if not any(each in line for each in worker_ids):
        return False
    try:
        return json.loads(line).get("worker") in worker_ids
    except ValueError:
        return False  # a line that the import has not finished writing
