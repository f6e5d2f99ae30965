"""The outbox: a file of JSON lines for channels that the county has not configured."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

import orjson

from roost.errors import Transient
from roost.security.private_folders import private_folder

_RECIPIENT = re.compile(rb'"to":"([^"]*)"')


class Outbox:
    """A file for people and programs to read; each line carries the id of its message.

    It stays open, so rotate it by copying and truncating.
    """

    def __init__(self, path: Path) -> None:
        private_folder(path.parent)
        self._path = path
        # A line is one write to an append-only descriptor: lines of several workers do not mix.
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)

    def write(self, line: bytes) -> None:
        """Append a line. Raises Transient when the disk does not take all of it."""
        try:
            written = os.write(self._descriptor, line + b"\n")
        except OSError as error:
            raise Transient(f"The outbox cannot be written: {error.strerror}") from error
        if written <= len(line):
            raise Transient("The outbox took only a part of a line; the disk may be full")

    async def recipients(self) -> set[str]:
        """Return the recipients of lines whose text is kept."""
        return await asyncio.to_thread(self._recipients)

    def _recipients(self) -> set[str]:
        if not self._path.exists():
            return set()
        kept = (line for _, line in _lines(self._path) if b'"erased":true' not in line)
        found = (_RECIPIENT.search(line) for line in kept)
        return {each[1].decode() for each in found if each is not None}

    async def erase_texts(self, until_by_recipient: Mapping[str, datetime | None]) -> int:
        """Take the text out of every line to these recipients; return the number of lines.

        With a time only the lines up to that time are erased, with None all of them. Each line is
        overwritten in place by one of the same length, so concurrent appends and reads see whole
        lines. Copies that a rotation made are out of reach.
        """
        return await asyncio.to_thread(self._erase_texts, until_by_recipient)

    def _erase_texts(self, until_by_recipient: Mapping[str, datetime | None]) -> int:
        erased = 0
        if not self._path.exists():  # a rotation took it away
            return erased
        with self._path.open("r+b") as file:
            for position, line in _lines(self._path):
                if blank := _without_text(line, until_by_recipient):
                    os.pwrite(file.fileno(), blank, position)
                    erased += 1
        return erased


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield each whole line with the position where it begins."""
    position = 0
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield position, line
            position += len(line)


def _without_text(line: bytes, until_by_recipient: Mapping[str, datetime | None]) -> bytes | None:
    """Return the line without its text; None when nothing in it is to be erased."""
    # Most lines are to others: a search of the bytes costs a tenth of parsing.
    found = _RECIPIENT.search(line)
    if found is None or found[1].decode() not in until_by_recipient:
        return None
    try:
        message = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    recipient = message.get("to")
    if recipient not in until_by_recipient or message.get("erased"):
        return None
    until = until_by_recipient[recipient]
    if until is not None and datetime.fromisoformat(message["at"]) > until:
        return None
    kept = {name: message[name] for name in ("id", "to", "at") if name in message}
    return orjson.dumps(kept | {"erased": True}).ljust(len(line) - 1) + b"\n"
