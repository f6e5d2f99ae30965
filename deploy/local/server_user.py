"""The user that Kafka and Elasticsearch run as when the supervisor is root.

It is a number without an account, from the range that systemd reserves for such users
(https://systemd.io/UIDS-GIDS/, "dynamic service users"). It owns the servers' folders and nothing
else, so no other service shares its files. Nothing is added to the machine. All data folders of a
machine have the same user: a killed Java process leaves `/tmp/.java_pid<number>`, and a later one
that gets its process number refuses to start if that file is another user's.
"""

from __future__ import annotations

import grp
import os
import pwd
import shlex
import stat
from collections.abc import Iterable
from pathlib import Path

from deploy.local import folders
from deploy.local.stack_errors import CannotStart
from roost.security import private_folders

FIRST, LAST = 61_184, 65_519
PREFERRED = 63_417
"""Number that is taken unless an account or group has it; any in the range would do."""
SERVER_FOLDERS = ("kafka", "elasticsearch")
OWN_FOLDERS = frozenset(
    {
        *SERVER_FOLDERS,
        "faust",
        "imports",
        "keys",
        "logs",
        "model",
        "outbox",
        "rejects",
        "run",
        "sources",
        "vectors",
    }
)
"""Folders that Roost creates in a data folder; others are somebody else's."""
NEUTRAL = frozenset({"lost+found", "calendar.csv", "demo"})
"""Entries of a new data folder: the disk's, the county's calendar, and the demonstration's data."""


def server_user(data: Path) -> int:
    """Return the servers' user and group id for a data folder; 0, the current one, unless root.

    A folder that has been used keeps its user.
    """
    if not private_folders.is_root():
        return 0
    for name in SERVER_FOLDERS:
        folder = data / name
        if folder.exists() and FIRST <= folder.stat().st_uid <= LAST:
            return folder.stat().st_uid
    return _unused(PREFERRED)


def private_data(data: Path) -> int:
    """Create a data folder that only its owner can enter; return the servers' user.

    Under root the servers' group may pass through it, to their own folders. Folders of earlier
    releases, which other users could read, are closed. Raises CannotStart for a folder that
    belongs to another user or holds only other files: closing /srv or /var would stop others.
    """
    private_folders.private_folder(data)
    present = {each.name for each in data.iterdir()} - NEUTRAL
    if present and not present & OWN_FOLDERS:
        raise CannotStart(
            f"{data} holds other files, and Roost closes its data folder to other users; choose a "
            "new or an empty folder with --data."
        )
    user = server_user(data)
    if user:
        os.chown(data, 0, user)
    _restrict(data, 0o710 if user else 0o700)
    for name in sorted(present & OWN_FOLDERS):
        if (data / name).is_dir() and not (data / name).is_symlink():
            _restrict(data / name, 0o700)
    return user


def own_folder(path: Path, user: int) -> Path:
    """Create a folder that belongs to the servers' user, with everything in it."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    if user:
        for each in (path, *_contents(path)):
            if each.lstat().st_uid != user:
                os.chown(each, user, user, follow_symlinks=False)
    return path


def _contents(path: Path) -> Iterable[Path]:
    for folder, folders_in_it, files in os.walk(path):
        for name in (*folders_in_it, *files):
            yield Path(folder) / name


def _unused(preferred: int) -> int:
    """Return a number that is neither a user's nor a group's."""
    size = LAST - FIRST + 1
    for step in range(size):
        number = FIRST + (preferred - FIRST + step) % size
        try:
            pwd.getpwuid(number)
        except KeyError:
            try:
                grp.getgrgid(number)
            except KeyError:
                return number
    raise CannotStart(f"Every user id from {FIRST} to {LAST} is taken; run Roost as another user.")


def _restrict(path: Path, mode: int) -> None:
    """Set a folder's mode. Raises CannotStart if it is not ours."""
    if stat.S_IMODE(path.stat().st_mode) == mode:
        return
    try:
        path.chmod(mode)
    except PermissionError:
        raise CannotStart(
            f"{path} belongs to another user, so it cannot be closed to others; choose another "
            "folder with --data, or start as its owner."
        ) from None


def check_reachable(data: Path) -> None:
    """Let the servers' user pass through Roost's own folders above `data`, and check the others.

    Earlier releases left the usual folder closed if another command than `roost up` created it.
    Raises CannotStart, which names the closed folder and the command that opens it.
    """
    user = server_user(data)
    for parent in data.resolve().parents:
        found = parent.stat()
        by_group = found.st_gid == user and found.st_mode & stat.S_IXGRP
        if found.st_mode & stat.S_IXOTH or by_group:
            continue
        if _is_own(parent):
            _restrict(parent, stat.S_IMODE(found.st_mode) | stat.S_IXGRP | stat.S_IXOTH)
            continue
        raise CannotStart(
            f"The servers do not run as root, and their user cannot pass through {parent}. "
            f"`chmod o+x {shlex.quote(str(parent))}` lets every user pass through it and read "
            "nothing in it; or choose another folder with --data."
        )


def _is_own(folder: Path) -> bool:
    """Return whether Roost created a folder: a data folder, or the usual one without files."""
    if folder.stat().st_uid != os.geteuid():
        return False
    present = {each.name for each in folder.iterdir()} - NEUTRAL
    return present <= OWN_FOLDERS and (bool(present) or folder == folders.default_data())
