"""Rejected rows of imports, kept for their correction: private files that expire.

A row is personal data in clear text. Its file is readable by its owner only from its creation on,
is removed after some days, and loses the rows of a worker who is erased.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from producers.rejects_elsewhere import noted_paths
from roost import ids
from roost.text.references import common_number

ENDING = ".rejects.jsonl"
UNDO_ENDING = ".undo.jsonl"
"""Ending of the facts that an import has replaced, which are personal data as well."""


def new_rejects_path(folder: Path, file: Path, now: datetime) -> Path:
    """Return the path of the rejected rows of a file imported now."""
    return folder / f"{file.name}.{now:%Y%m%d-%H%M%S}{ENDING}"


def open_private(path: Path) -> IO[str]:
    """Create or empty a file that only its owner can read, and its folder. Follows no link."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
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
    return len(expired)


def erase_rejected_rows(folder: Path, worker_id: str) -> int:
    """Remove the rows of a worker from every file; return their number."""
    return sum(_erase(path, worker_id) for path in rejects_files(folder))


def rejects_files(folder: Path) -> Iterator[Path]:
    """Yield the files of the folder, and those that an operator had written elsewhere."""
    for ending in (ENDING, UNDO_ENDING):
        yield from (path for path in folder.glob(f"*{ending}") if path.is_file())
    yield from noted_paths(folder)


def _age(path: Path, now: datetime) -> timedelta:
    return now - datetime.fromtimestamp(path.stat().st_mtime, now.tzinfo)


def _erase(path: Path, worker_id: str) -> int:
    """Rewrite a file without a worker's rows; a file without any stays as it is."""
    with path.open(encoding="utf-8") as lines:
        if not any(_names(line, worker_id) for line in lines):
            return 0
    erased = 0
    written = path.stat()
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with path.open(encoding="utf-8") as lines, open_private(fresh) as kept:
        for line in lines:
            if _names(line, worker_id):
                erased += 1
            else:
                kept.write(line)
    os.utime(fresh, (written.st_atime, written.st_mtime))  # the file expires as before
    fresh.replace(path)
    return erased


def _names(line: str, worker_id: str) -> bool:
    if worker_id not in line:
        return False
    try:
        return bool(json.loads(line).get("worker") == worker_id)
    except ValueError:
        return False  # a line that the import has not finished writing
