"""The outbox: a file of JSON lines for channels that the county has not set up."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path

import orjson

from roost.errors import Transient


class Outbox:
    """A file that a person or a program can read; each line carries the notification's id.

    It stays open: who rotates it copies and truncates it.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # One write of a whole line to an append-only descriptor: lines of several workers do
        # not mix.
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)

    def write(self, line: bytes) -> None:
        """Raises Transient when the disk does not take the whole line."""
        try:
            written = os.write(self._descriptor, line + b"\n")
        except OSError as error:
            raise Transient(f"The outbox cannot be written: {error.strerror}") from error
        if written <= len(line):
            raise Transient("The outbox took only a part of a line; the disk may be full")


def forget(path: Path, recipients: Collection[str]) -> int:
    """Takes the words out of every line to these; returns of how many lines.

    Each line is overwritten in its place by one of the same length, so that whoever appends
    meanwhile, or reads, finds whole lines. What a rotation has copied away is not touched.
    """
    if not path.exists():
        return 0
    wanted = {each.encode() for each in recipients}
    forgotten = 0
    with path.open("r+b") as file:
        for at, line in _lines(path):
            if any(each in line for each in wanted) and (blank := _blank(line, recipients)):
                os.pwrite(file.fileno(), blank, at)
                forgotten += 1
    return forgotten


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """(where it begins, the whole line)."""
    at = 0
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield at, line
            at += len(line)


def _blank(line: bytes, recipients: Collection[str]) -> bytes | None:
    """The line without its words; None when it is not to one of these, or holds none any more."""
    try:
        said = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if said.get("to") not in recipients or said.get("erased"):
        return None
    kept = {name: said[name] for name in ("id", "to", "at") if name in said}
    return orjson.dumps(kept | {"erased": True}).ljust(len(line) - 1) + b"\n"
