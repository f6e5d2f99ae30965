"""Notes of files with rejected rows outside the data folder, so that they expire as well.

`roost import --rejects PATH` writes where the operator wants the file. A private note in
`<data>/rejects/elsewhere` names the path, one file a note: no process rewrites another's note. A
note counts only while its path holds rejected rows. Another file that was put there is never
touched.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import structlog

from roost.security.private_folders import private_folder

_log = structlog.get_logger(__name__)
FOLDER = "elsewhere"
LONGEST_LINE = 16_000_000
"""Characters of a rejected row that are read to recognise one; far more than a row may have."""


def note_path(folder: Path, path: Path) -> None:
    """Remember a file with rejected rows, unless it is in the folder of rejected rows itself."""
    path = path.absolute()
    if path.parent == folder.absolute():
        return
    notes = private_folder(folder / FOLDER, within=folder)
    name = hashlib.blake2b(os.fsencode(path), digest_size=16).hexdigest()
    descriptor = os.open(notes / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as note:
        note.write(os.fsencode(path))


def noted_paths(folder: Path) -> Iterator[Path]:
    """Yield the files elsewhere that hold rejected rows; forget the others.

    A file that this user may not read is logged by its note and kept for a user who may.
    """
    for note in sorted((folder / FOLDER).glob("*")):
        path = Path(os.fsdecode(note.read_bytes()))
        try:
            holds_rows = _holds_rejected_rows(path)
        except PermissionError:
            _log.warning("rejected_rows_out_of_reach", note=note.name)
            continue
        if holds_rows:
            yield path
        else:
            note.unlink(missing_ok=True)


def _holds_rejected_rows(path: Path) -> bool:
    """Return whether a file is empty or begins with a rejected row. Raises PermissionError."""
    try:
        if path.is_symlink() or not path.is_file():
            return False
        with path.open(encoding="utf-8") as lines:
            first = lines.readline(LONGEST_LINE)
    except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError):
        return False
    try:
        row = json.loads(first or '{"line": 0, "reasons": [], "row": {}}')
    except ValueError:
        return False
    return isinstance(row, dict) and {"line", "reasons", "row"} <= row.keys()
