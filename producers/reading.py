"""Reading of import files: CSV, XLSX and JSON lines, in UTF-8, UTF-16 or GB18030."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

from producers.tables.bounded_lines import LONGEST_ROW, BoundedLines, LongRow
from roost.errors import Invalid

SAMPLE = 1 << 20
MOST_COLUMNS = 500
LONGEST_NAME = 200
"""Characters of a column's name."""
LONGEST_CELL = 100_000
"""Characters of a cell; the longest text of an opening has 20,000, the longest list 30,000."""
LONG_ROW = f"the row has over {LONGEST_ROW} characters"
LONG_CELL = f"a cell has over {LONGEST_CELL} characters; perhaps a quotation mark is not closed"
HALF_CHARACTER = "the line holds half of a character (a lone surrogate)"
LARGEST_WORKBOOK = 500_000_000
"""Bytes of a workbook's unpacked parts: calamine reads the sheet whole."""
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
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
    marked = start in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        if _is_valid(path, encoding):
            return encoding
    found, found_zh = ("begins as UTF-16 and is damaged", "以 UTF-16 开头但已损坏")
    if not marked:
        found, found_zh = "is neither UTF-8 nor GB18030", "既非 UTF-8 也非 GB18030"
    raise Invalid(
        f"{path.name}: the text {found}; save it as UTF-8.",
        f"{path.name}：文本{found_zh}，请另存为 UTF-8。",
    )


def _is_valid(path: Path, encoding: str) -> bool:
    """Return whether the whole file is text of an encoding."""
    try:
        with path.open(encoding=encoding) as text:
            while text.read(SAMPLE):
                pass
    except UnicodeDecodeError:
        return False
    return True


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
    _check_unpacked(path)
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


def _check_unpacked(path: Path) -> None:
    """Raise Invalid for a workbook whose parts unpack to too much memory."""
    if not zipfile.is_zipfile(path):
        return  # an older format, which packs nothing, or no workbook at all
    try:
        with zipfile.ZipFile(path) as parts:
            size = sum(each.file_size for each in parts.infolist())
    except zipfile.BadZipFile:
        return  # calamine refuses it
    if size > LARGEST_WORKBOOK:
        most = LARGEST_WORKBOOK // 1_000_000
        raise Invalid(
            f"{path.name}: the workbook unpacks to over {most} MB; save the sheet as CSV.",
            f"{path.name}：工作簿解压后超过 {most} MB，请将工作表另存为 CSV。",
        )


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
    if _ESCAPED_SURROGATE.search(line) and not _is_text(value):
        return ImportRow(number, {}, HALF_CHARACTER)
    if not isinstance(value, dict):
        return ImportRow(number, {"": value}, "the line is not a JSON object")
    if len(value) > MOST_COLUMNS:
        return ImportRow(number, {}, f"the object has over {MOST_COLUMNS} fields")
    return ImportRow(number, value)


def _is_text(value: Any) -> bool:
    """Return whether every text in a parsed line consists of whole characters."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError):
        return False
    return True
