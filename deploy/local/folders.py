"""Folders of the local stack: its data and its downloads."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.stack_errors import CannotStart
from roost.security import private_folders

NEEDED_BYTES = 2 * 1024**3


def default_data() -> Path:
    """Return the usual data folder: XDG's, or for root one that other users can reach.

    Elasticsearch runs as an unprivileged user under root.
    """
    if private_folders.is_root():
        return Path("/var/lib/roost")
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "roost"


def cache() -> Path:
    if private_folders.is_root():
        return Path("/var/cache/roost")
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "roost"


def reachable_folder(path: Path) -> Path:
    """Create a folder; under root, let other users pass through it. Never for a county's data."""
    private_folders.private_folder(path)
    if private_folders.is_root():
        path.chmod(0o755)
    return path


@contextmanager
def readable_by_all() -> Iterator[None]:
    """Let every user read the files made inside the block: programs, never data."""
    before = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(before)


def check_space(path: Path, needed: int = NEEDED_BYTES) -> None:
    """Raise CannotStart when the disk that holds `path` has too little space."""
    there = next(each for each in (path, *path.parents) if each.exists())
    free = shutil.disk_usage(there).free
    if free < needed:
        raise CannotStart(
            f"Only {free / 1024**3:.1f} GiB are free where {path} is, and the stack needs "
            f"{needed / 1024**3:.0f} GiB; free some room or choose another folder with --data."
        )
