"""Creation of the folders that hold a county's files.

Every command creates its part of a data folder here, so that it does not matter which command is
the first. Under root, Kafka and Elasticsearch run as another user, who must be able to pass through
the folders above their own.
"""

from __future__ import annotations

import os
from pathlib import Path

OWNER_ONLY, PASSABLE = 0o700, 0o711


def is_root() -> bool:
    """Return whether this process runs as root."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def private_folder(path: Path, within: Path | None = None) -> Path:
    """Create a folder that only its owner can enter, and the missing ones above it; return it.

    Under root, others may pass through the new folders above it, and read none. `within` and the
    folders in it are private as well. Existing folders keep their modes.
    """
    for folder in (*reversed(path.parents), path):
        inside = folder == path or (within is not None and folder.is_relative_to(within))
        if not folder.is_dir():
            _create(folder, OWNER_ONLY if inside or not is_root() else PASSABLE)
    return path


def _create(folder: Path, mode: int) -> None:
    """Create a folder with this mode whatever the umask, unless another process just did."""
    try:
        folder.mkdir(mode=OWNER_ONLY)
    except FileExistsError:
        if not folder.is_dir():
            raise
        return
    if mode != OWNER_ONLY:
        folder.chmod(mode)
