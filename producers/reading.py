"""Reading of import files: CSV, XLSX and JSON lines, in UTF-8, UTF-16 or GB18030."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

from producers.bounded_lines import LONGEST_ROW, BoundedLines, LongRow
from roost.errors import Invalid

ENCODINGS = ("utf-8-sig", "gb18030", "utf-16")
SAMPLE = 1 << 20
MOST_COLUMNS = 500
LONGEST_NAME = 200
"""Characters of a column's name."""
LONGEST_CELL = 100_000
"""Characters of a cell; the longest text of an opening has 20,000, the longest list 30,000."""
LONG_ROW = f"the row has over {LONGEST_ROW} characters"
LONG_CELL = f"a cell has over {LONGEST_CELL} characters; perhaps a quotation mark is not closed"
csv.field_size_limit(LONGEST_CELL)


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One row of a file, with its line number; `problem` is the reason if it cannot be parsed."""

    line: int
    values: dict[str, Any]
    problem: str = ""


def read_rows(path: Path) -> Iterator[ImportRow]:
    """Yield the rows of a file; its ending decides the format. Raises Invalid if unreadable."""
    match path.suffix.lower():
        case ".csv" | ".tsv" | ".txt":
            return _csv_rows(path)
        case ".xlsx" | ".xls" | ".xlsm" | ".ods":
            return _sheet_rows(path)
        case ".jsonl" | ".ndjson" | ".json":
            return _json_rows(path)
        case ending:
            raise Invalid(
                f"{path.name}: files ending in {ending or 'nothing'} cannot be read; "
                "send CSV, XLSX or JSON lines."
            )


def encoding_of(path: Path) -> str:
    """Return the first encoding in which the whole file is valid. Raises Invalid if none is."""
    with path.open("rb") as file:
        start = file.read(2)
    if start in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    for encoding in ENCODINGS[:2]:
        try:
            with path.open(encoding=encoding) as text:
                while text.read(SAMPLE):
                    pass
        except UnicodeDecodeError:
            continue
        return encoding
    raise Invalid(f"{path.name}: the text is neither UTF-8 nor GB18030; save it as UTF-8.")


def _csv_rows(path: Path) -> Iterator[ImportRow]:
    with path.open(encoding=encoding_of(path), newline="") as text:
        heading = text.readline(LONGEST_ROW)
        text.seek(0)
        delimiter = max(",\t;", key=heading.count)
        lines = BoundedLines(text)
        columns = _columns(path, _heading(path, lines, delimiter))
        while True:
            try:
                for values in _records(lines, delimiter):
                    if any(value.strip() for value in values):
                        yield _row(lines.number, columns, values)
                return
            except LongRow:
                yield ImportRow(lines.number, {}, LONG_ROW)
            except csv.Error:
                yield ImportRow(lines.number, {}, LONG_CELL)


def _records(lines: BoundedLines, delimiter: str) -> Iterator[list[str]]:
    """Yield the records of the remaining lines. Raises LongRow and csv.Error."""
    lines.begin_row()
    for values in csv.reader(lines, delimiter=delimiter):
        yield values
        lines.begin_row()


def _heading(path: Path, lines: BoundedLines, delimiter: str) -> list[str]:
    try:
        return next(_records(lines, delimiter), [])
    except (LongRow, csv.Error):
        raise Invalid(
            f"{path.name}: the first line is too long to name the columns.",
            f"{path.name}：首行过长，应为列名。",
        ) from None


def _columns(path: Path, heading: list[Any]) -> list[str]:
    """Return the names of the columns. Raises Invalid for none, too many, or too long ones."""
    columns = [str(name).strip() for name in heading]
    if not any(columns):
        raise Invalid(
            f"{path.name}: the first line has to name the columns.",
            f"{path.name}：首行应为列名。",
        )
    if len(columns) > MOST_COLUMNS or any(len(name) > LONGEST_NAME for name in columns):
        raise Invalid(
            f"{path.name}: the first line names {len(columns)} columns; at most {MOST_COLUMNS} of "
            f"at most {LONGEST_NAME} characters are read.",
            f"{path.name}：首行有 {len(columns)} 列；最多 {MOST_COLUMNS} 列，列名最长 "
            f"{LONGEST_NAME} 个字符。",
        )
    return columns


def _row(line: int, columns: list[str], values: list[Any]) -> ImportRow:
    extra = [value for value in values[len(columns) :] if value not in ("", None)]
    problem = f"{len(values)} values for {len(columns)} columns" if extra else ""
    if any(isinstance(value, str) and len(value) > LONGEST_CELL for value in values):
        return ImportRow(line, {}, LONG_CELL)
    return ImportRow(line, dict(zip(columns, values, strict=False)), problem)


def _sheet_rows(path: Path) -> Iterator[ImportRow]:
    try:
        sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
    except Exception as error:  # calamine's errors have no common base
        raise Invalid(f"{path.name}: the workbook cannot be read; save it again.") from error
    lines = iter(sheet.iter_rows())
    columns = _columns(path, next(lines, []))
    for number, values in enumerate(lines, start=2):
        cells = [_cell(value) for value in values]
        if any(cell != "" for cell in cells):
            yield _row(number, columns, cells)


def _cell(value: Any) -> Any:
    """Return the text of a cell; sheets store whole numbers as floats."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else str(value)


def _json_rows(path: Path) -> Iterator[ImportRow]:
    with path.open(encoding=encoding_of(path)) as text:
        lines = BoundedLines(text)
        while True:
            lines.begin_row()
            try:
                line = next(lines, None)
            except LongRow:
                yield ImportRow(lines.number, {}, LONG_ROW)
                continue
            if line is None:
                return
            if line.strip():
                yield _json_row(lines.number, line)


def _json_row(number: int, line: str) -> ImportRow:
    try:
        value = json.loads(line)
    except ValueError:
        return ImportRow(number, {"": line.rstrip("\n")[:LONGEST_CELL]}, "the line is not JSON")
    except RecursionError:
        return ImportRow(number, {}, "the line nests too deeply")
    if not isinstance(value, dict):
        return ImportRow(number, {"": value}, "the line is not a JSON object")
    if len(value) > MOST_COLUMNS:
        return ImportRow(number, {}, f"the object has over {MOST_COLUMNS} fields")
    return ImportRow(number, value)
