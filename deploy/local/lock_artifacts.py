"""Regeneration of the locks of Maven's files: `python -m deploy.local.lock_artifacts`.

It resolves the POMs again and writes the hashes of the files. Review the change of the lock like a
change of code: each new line is a file that will run.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from deploy.local import artifacts, encoder_files
from deploy.local.pinning import hashes_of, write_lock
from deploy.local.stack_errors import CannotStart

LOCKS = (
    (artifacts.POM, artifacts.LOCK, "the servers"),
    (encoder_files.POM, encoder_files.LOCK, "the sentence encoders"),
)


def main() -> None:
    """Write every lock; print its path and the number of its files."""
    for pom, lock, what in LOCKS:
        with tempfile.TemporaryDirectory() as folder:
            artifacts.copy_dependencies(pom, Path(folder), what, print)
            hashes = hashes_of(Path(folder))
        write_lock(lock, hashes)
        print(f"{lock.name}: {len(hashes)} files")


if __name__ == "__main__":
    try:
        main()
    except CannotStart as error:
        sys.exit(error.message)
