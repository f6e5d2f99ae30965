"""Files of a folder source, in the order in which they arrived.

A source names a folder within the county's folder of sources. Nothing outside of that is read,
whatever links lie in it. Files that are still being written are left alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from producers.sources.run_faults import RunFailed, too_large
from roost.events.source import RunFault

SETTLED = timedelta(seconds=10)
"""Time since the last change after which a file counts as complete."""
UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".crdownload", ".swp", "~")
MOST_FILES = 10_000


@dataclass(frozen=True, slots=True, order=True)
class FolderFile:
    """A file of a folder, ordered by the time of its last change and its name."""

    changed_ns: int
    name: str
    size: int
    path: Path

    @property
    def cursor(self) -> str:
        """Text that identifies this state of the file and its place in the order."""
        return f"{self.changed_ns:020d}/{self.size}/{self.name}"


def folder_files(root: Path, folder: str, now: datetime, most_bytes: int) -> list[FolderFile]:
    """Return the complete files of a folder, oldest first.

    Raises RunFailed if the folder does not exist, leads outside of `root`, or holds too much.
    """
    base = root.resolve()
    place = (base / folder).resolve()
    if not place.is_relative_to(base) or not place.is_dir():
        raise RunFailed(
            RunFault.NO_FILE,
            f"The folder {folder} does not exist in the folder of sources.",
            f"来源目录中没有文件夹 {folder}。",
        )
    latest = (now - SETTLED).timestamp() * 1e9
    found = [
        each
        for path in place.iterdir()
        if _is_complete_name(path.name) and (each := _file(path, base)) is not None
        if each.changed_ns <= latest
    ]
    if len(found) > MOST_FILES:
        raise RunFailed(
            RunFault.TOO_LARGE,
            f"The folder holds more than {MOST_FILES} files; remove old ones.",
            f"文件夹中的文件超过 {MOST_FILES} 个，请清理旧文件。",
        )
    for each in found:
        if each.size > most_bytes:
            raise too_large(most_bytes)
    return sorted(found)


def newest_file(files: list[FolderFile], folder: str) -> FolderFile:
    """Return the newest file, which is the listing. Raises RunFailed without any."""
    if not files:
        raise RunFailed(
            RunFault.NO_FILE,
            f"The folder {folder} holds no complete file.",
            f"文件夹 {folder} 中没有可读取的文件。",
        )
    return files[-1]


def files_after(files: list[FolderFile], cursor: str | None) -> list[FolderFile]:
    """Return the files after a cursor, oldest first; all of them without one."""
    return [each for each in files if cursor is None or each.cursor > cursor]


def _is_complete_name(name: str) -> bool:
    return not name.startswith(".") and not name.lower().endswith(UNFINISHED)


def _file(path: Path, base: Path) -> FolderFile | None:
    """Return a file that lies within the folder of sources, links resolved; else None."""
    real = path.resolve()
    if not real.is_relative_to(base) or not real.is_file():
        return None
    status = real.stat()
    return FolderFile(status.st_mtime_ns, path.name, status.st_size, real)
