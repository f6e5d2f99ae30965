"""Records of a JSON file: lines, an array, one object, or a list inside an object.

Records are parsed one after another from a sliding window, so a large array is never held. An array
or object that is damaged anywhere is refused before its first record; a damaged line is a row.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import IO, Any

from producers.tables.bounded_lines import LONGEST_ROW, BoundedLines, LongRow
from producers.tables.delimited_text import LONG_ROW
from producers.tables.json_lists import records_in
from producers.tables.json_values import JSON
from producers.tables.json_windows import WINDOW, JsonWindow, damaged_json
from producers.tables.sheets import LONGEST_CELL, MOST_COLUMNS, Fault
from producers.tables.text_encodings import MARK, without_marks
from roost.errors import Invalid

LARGEST_OBJECT = 20_000_000
"""Characters of a file that is one JSON object, which is parsed in memory."""
LINE_ENDINGS = {".jsonl", ".ndjson"}
HALF_CHARACTER = Fault(
    "the row holds half of a character (a lone surrogate)", "该行含有不完整的字符（孤立代理项）"
)
NO_JSON = Fault("the line is not JSON", "该行不是有效的 JSON")
TOO_DEEP = Fault("the row nests too deeply", "该行嵌套过深")
NO_OBJECT = Fault("the row is not a JSON object", "该行不是 JSON 对象")
MANY_FIELDS = Fault(
    f"the object has over {MOST_COLUMNS} fields", f"该对象超过 {MOST_COLUMNS} 个字段"
)
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_BLANKS = " \t\r\n" + MARK

JsonRecord = tuple[int, Any, Fault | None]
"""Line of the file or position in a list, from 1; the value; the reason if it is unusable."""


def json_records(path: Path, encoding: str) -> Iterator[JsonRecord]:
    """Yield the records of a JSON file. Raises Invalid for a damaged array or object."""
    with path.open(encoding=encoding) as text:
        shape = _shape_of(text, lines_expected=path.suffix.lower() in LINE_ENDINGS)
        text.seek(0)
        if shape is _Shape.LINES:
            yield from _line_records(text)
        elif shape is _Shape.OBJECT:
            yield from _object_records(path, text)
        else:
            _check_array(path, text)
            text.seek(0)
            yield from _array_records(path, text)


class _Shape(Enum):
    """Shape of a JSON file."""

    LINES = "a value on each line"
    ARRAY = "one array"
    OBJECT = "one object"


def _shape_of(text: IO[str], *, lines_expected: bool) -> _Shape:
    """Return the shape of a file by its first lines; a damaged line is no reason to refuse it."""
    first = without_marks(_next_filled(text, LARGEST_OBJECT + 1))
    second = _next_filled(text, WINDOW)
    is_whole = _parsed(first)[1] is None
    if second and (is_whole or (lines_expected and _parsed(second)[1] is None)):
        return _Shape.LINES
    if first.startswith("["):
        return _Shape.ARRAY
    return _Shape.OBJECT if first.startswith("{") and is_whole != bool(second) else _Shape.LINES


def _next_filled(text: IO[str], most: int) -> str:
    """Return the next line with any content, at most `most` characters of it; "" at the end."""
    while line := text.readline(most):
        if line.strip(_BLANKS):
            return line.strip()
    return ""


def _parsed(line: str) -> tuple[Any, Fault | None]:
    try:
        return JSON.decode(line), None
    except ValueError:
        return None, NO_JSON
    except RecursionError:
        return None, TOO_DEEP


def _line_records(text: IO[str]) -> Iterator[JsonRecord]:
    lines = BoundedLines(text)
    while True:
        lines.begin_row()
        try:
            line = next(lines, None)
        except LongRow:
            yield lines.number, {}, LONG_ROW
            continue
        if line is None:
            return
        line = line.lstrip(MARK) if lines.number == 1 else line
        if line.strip():
            value, fault = _parsed(line)
            if fault is NO_JSON:
                value = {"": line.rstrip("\n")[:LONGEST_CELL]}
            yield lines.number, *_judged(value if value is not None else {}, line, fault)


def _judged(value: Any, source: str, fault: Fault | None) -> tuple[Any, Fault | None]:
    """Return a record's value, and the reason if it cannot be a row."""
    if fault is not None:
        return value, fault
    if _ESCAPED_SURROGATE.search(source) and not _is_text(value):
        return {}, HALF_CHARACTER
    if not isinstance(value, dict):
        return {"": value}, NO_OBJECT
    if len(value) > MOST_COLUMNS:
        return {}, MANY_FIELDS
    return value, None


def _is_text(value: Any) -> bool:
    """Return whether every text in a parsed value consists of whole characters."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError):
        return False
    return True


def _check_array(path: Path, text: IO[str]) -> None:
    """Raise Invalid if an array is damaged, before anything of it is used."""
    for _ in _array_records(path, text):
        pass


def _array_records(path: Path, text: IO[str]) -> Iterator[JsonRecord]:
    """Yield the elements of an array. Raises Invalid for what is no array of values."""
    window = JsonWindow(text)
    window.skip("[")
    position = 0
    while not window.at("]"):
        position += 1
        value, source, fault = window.take(path)
        yield position, *_judged(value, source, fault)
    window.skip("]")
    if not window.is_over():
        raise damaged_json(path, window.line)


def _object_records(path: Path, text: IO[str]) -> Iterator[JsonRecord]:
    """Yield the records in one object: those of its list, or the object itself."""
    source = without_marks(text.read(LARGEST_OBJECT + 1))
    if len(source) > LARGEST_OBJECT:
        raise Invalid(
            f"{path.name}: one JSON object of over {LARGEST_OBJECT // 1_000_000} MB is not read; "
            "send an array, or one object a line.",
            f"{path.name}：单个 JSON 对象超过 {LARGEST_OBJECT // 1_000_000} MB，"
            "请改为数组或每行一个对象。",
        )
    try:
        document = JSON.decode(source)
    except json.JSONDecodeError as error:
        raise damaged_json(path, error.lineno) from None
    except RecursionError:
        raise damaged_json(path, 1) from None
    for position, value in enumerate(records_in(document), start=1):
        yield position, *_judged(value, source if len(source) < LONGEST_ROW else "\\ud8", None)
