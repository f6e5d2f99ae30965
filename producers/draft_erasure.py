"""Removal of drafts of imports that name an erased worker.

A draft is a folder with an uploaded roster, which is personal data in clear text in any format of a
spreadsheet. A check of its rows writes the ids of the workers that they name. A roster that nobody
has checked may name anybody, so an erasure removes it as well: its owner uploads it again.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path

import orjson

from producers.rejected_rows import open_existing
from roost.topics import PROFILES

FOLDER = "imports-drafts"
"""Folder of the drafts in the data folder."""
DESCRIPTION, WORKERS = "draft.json", "workers.txt"
"""Description of a draft, with the kind of its records, and the workers that a check found."""


class NamedWorkers:
    """Ids of the workers that a file names, collected by a check of its rows.

    They count once the check has ended: `keep` writes them under their final name.
    """

    def __init__(self, draft: Path) -> None:
        self._path = draft / WORKERS
        self._partial = draft / f".{WORKERS}.{secrets.token_hex(4)}"
        self._file = open_existing(self._partial)

    def add(self, worker_ids: Iterable[str | None]) -> None:
        """Add the workers of a row."""
        self._file.writelines(f"{each}\n" for each in worker_ids if each)

    def keep(self) -> None:
        """Make the ids count. Raises FileNotFoundError if the draft was removed meanwhile."""
        self._file.close()
        self._partial.replace(self._path)

    def close(self) -> None:
        """Close the file of a check that did not end."""
        self._file.close()
        self._partial.unlink(missing_ok=True)


def erase_drafts(folder: Path, *worker_ids: str) -> int:
    """Remove every draft of people that may name one of the workers; return their number."""
    naming = [each for each in folder.glob("*") if _may_name(each, frozenset(worker_ids))]
    for each in naming:
        remove_folder(each)
    return len(naming)


def remove_folder(path: Path) -> None:
    """Remove a draft at once for everybody who has its path, then its files."""
    gone = path.with_name(f".removed-{secrets.token_hex(8)}")
    with suppress(FileNotFoundError):  # another process removes it
        os.replace(path, gone)
        shutil.rmtree(gone, ignore_errors=True)


def _may_name(draft: Path, worker_ids: Collection[str]) -> bool:
    if not _is_of_people(draft):
        return False
    try:
        with (draft / WORKERS).open(encoding="ascii") as lines:
            return any(line.rstrip("\n") in worker_ids for line in lines)
    except FileNotFoundError:
        return True


def _is_of_people(draft: Path) -> bool:
    """Return whether a folder is a draft of people; one without a description is not used yet."""
    try:
        described = orjson.loads((draft / DESCRIPTION).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(described, dict) and described.get("kind") == PROFILES.name
