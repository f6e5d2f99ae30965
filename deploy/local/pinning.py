"""Pinned files: what Maven brings is compared with committed SHA-256 hashes before it is used.

A lock has a line per file, as `sha256sum` writes and checks it. A folder must hold exactly the
files of its lock. The check runs once for every installation, on the downloaded files themselves:
nothing of them is unpacked, loaded or executed before. Regenerate the locks with `make lock`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from deploy.local.stack_errors import CannotStart

CHUNK_BYTES = 1 << 20
NAMED = 5
"""Most files that a message names."""


def check_pinned(folder: Path, lock: Path) -> None:
    """Compare the files of a folder with their lock. Raises CannotStart, naming each difference."""
    wanted, found = read_lock(lock), hashes_of(folder)
    wrong = [
        f"{name} has SHA-256 {found[name]} instead of {wanted[name]}"
        for name in sorted(wanted.keys() & found.keys())
        if found[name] != wanted[name]
    ]
    wrong += [f"{name} is missing" for name in sorted(wanted.keys() - found.keys())]
    wrong += [f"{name} is not in the lock" for name in sorted(found.keys() - wanted.keys())]
    if wrong:
        more = f"; and {len(wrong) - NAMED} more" if len(wrong) > NAMED else ""
        raise CannotStart(
            f"Downloaded files differ from {lock.name}, so nothing of them was used: "
            f"{'; '.join(wrong[:NAMED])}{more}. Delete these artefacts from Maven's local "
            "repository (~/.m2/repository) and try again; if the difference stays, the mirror "
            "serves other files than Maven Central: ask its administrator. After a wanted change "
            "of versions, run `make lock`.",
            f"下载的文件与 {lock.name} 不一致，未使用其中任何内容："
            f"{'; '.join(wrong[:NAMED])}{more}。"
            "请从 Maven 本地仓库（~/.m2/repository）删除这些文件后重试；"
            "如仍不一致，请联系镜像管理员。如属版本升级，请运行 `make lock`。",
        )


def read_lock(lock: Path) -> dict[str, str]:
    """Return the SHA-256 of each file by its name. Raises CannotStart for an unreadable line."""
    pinned: dict[str, str] = {}
    for number, line in enumerate(lock.read_text("utf-8").splitlines(), 1):
        hash, _, name = line.partition("  ")
        if len(hash) != 64 or set(hash) - set("0123456789abcdef") or not name or name in pinned:
            raise CannotStart(f"{lock.name}, line {number}: write a SHA-256, two spaces, a name.")
        pinned[name] = hash
    return pinned


def write_lock(lock: Path, hashes: Mapping[str, str]) -> None:
    """Write a lock, in the order of names."""
    lines = [f"{hash}  {name}\n" for name, hash in sorted(hashes.items())]
    lock.write_text("".join(lines), "utf-8")


def hashes_of(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file below a folder, by its relative path."""
    return {
        path.relative_to(folder).as_posix(): hash_of(path)
        for path in sorted(folder.rglob("*"))
        if not path.is_dir()
    }


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
