"""JSON values taken one after another from a text, through a sliding window."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import IO, Any

from producers.tables.bounded_lines import LONGEST_ROW
from producers.tables.delimited_text import LONG_ROW
from producers.tables.json_values import JSON
from producers.tables.sheets import Fault
from producers.tables.text_encodings import without_marks
from roost.errors import Invalid

WINDOW = 1 << 16
_BETWEEN = re.compile(r"[\s,]*")


class JsonWindow:
    """Sliding part of a text from which JSON values are taken one by one."""

    def __init__(self, text: IO[str]) -> None:
        self.line = 1
        self._text = text
        self._held = without_marks(text.read(WINDOW))
        self._at = 0
        self._pass_blanks()

    def skip(self, mark: str) -> None:
        if self._held.startswith(mark, self._at):
            self._at += len(mark)
            self._pass_blanks()

    def at(self, mark: str) -> bool:
        return self._held.startswith(mark, self._at)

    def is_over(self) -> bool:
        return self._at >= len(self._held)

    def take(self, path: Path) -> tuple[Any, str, Fault | None]:
        """Take the next value, with its source. Raises Invalid for damaged JSON."""
        while True:
            try:
                value, end = JSON.raw_decode(self._held, self._at)
                if end < len(self._held) or not self._more():
                    break
            except RecursionError:
                raise damaged_json(path, self.line) from None
            except json.JSONDecodeError as error:
                if len(self._held) - self._at > LONGEST_ROW:
                    raise _too_long(path, self.line) from None
                if not self._more():
                    line = self.line + self._held.count("\n", self._at, error.pos)
                    raise damaged_json(path, line) from None
        source = self._held[self._at : end]
        self.line += source.count("\n")
        self._at = end
        self._pass_blanks()
        return value, source, LONG_ROW if len(source) > LONGEST_ROW else None

    def _more(self) -> bool:
        """Read as much as is held already, so that a long value is not parsed often."""
        rest = self._held[self._at :]
        piece = self._text.read(max(WINDOW, len(rest)))
        self._held, self._at = rest + piece, 0
        return bool(piece)

    def _pass_blanks(self) -> None:
        while True:
            found = _BETWEEN.match(self._held, self._at)
            end = found.end() if found else self._at
            self.line += self._held.count("\n", self._at, end)
            self._at = end
            if end < len(self._held) or not self._more():
                return


def damaged_json(path: Path, line: int) -> Invalid:
    """Return the error for a file whose JSON is damaged."""
    return Invalid(
        f"{path.name}: the JSON is damaged near line {line}; nothing of the file was used.",
        f"{path.name}：第 {line} 行附近的 JSON 已损坏，整个文件未使用。",
    )


def _too_long(path: Path, line: int) -> Invalid:
    return Invalid(
        f"{path.name}: the JSON value that begins at line {line} has over {LONGEST_ROW} "
        "characters, or is damaged; nothing of the file was used.",
        f"{path.name}：第 {line} 行开始的 JSON 超过 {LONGEST_ROW} 个字符或已损坏，整个文件未使用。",
    )
