"""Files of this machine whose lines name workers: an erasure must find them by the new ids."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import IO

from deploy.id_migration.rewriting import Rewriter
from producers.rejected_rows import rejects_files


def rewrite_file(path: Path, rewriter: Rewriter) -> bool:
    """Replace the ids in the file, once; return whether there was anything to do.

    The file is replaced in one step. A mark, written before, tells an interrupted migration that
    the file in place is the new one already.
    """
    if not path.exists():
        return False
    mark, fresh = _mark(path), path.with_name(f"{path.name}.keyed")
    if mark.exists() and mark.read_text("ascii") == _digest(path):
        return False
    written = path.stat()
    with path.open("rb") as old, _private(fresh) as new:
        os.fchmod(new.fileno(), written.st_mode & 0o777)
        for line in old:
            new.write(rewriter.rewrite(line))
        new.flush()
        os.fsync(new.fileno())
    os.utime(fresh, (written.st_atime, written.st_mtime))  # the file expires as before
    mark.write_text(_digest(fresh), "ascii")
    fresh.replace(path)
    return True


def forget_mark(path: Path) -> None:
    """Remove the mark once the migration has ended."""
    _mark(path).unlink(missing_ok=True)


def local_files(outbox: Path, rejects: Path) -> list[Path]:
    """Return the files to rewrite: the outbox, and the rejected rows of imports."""
    return [outbox, *sorted(rejects_files(rejects))]


def _private(path: Path) -> IO[bytes]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    return os.fdopen(descriptor, "wb")


def _mark(path: Path) -> Path:
    return path.with_name(f"{path.name}.keyed-digest")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()
