"""Reading of import files: CSV, XLSX and JSON lines, in UTF-8, UTF-16 or GB18030."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

from roost.errors import Invalid

ENCODINGS = ("utf-8-sig", "gb18030", "utf-16")
SAMPLE = 1 << 20
csv.field_size_limit(1 << 24)


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
        heading = text.readline()
        text.seek(0)
        reader = csv.reader(text, delimiter=max(",\t;", key=heading.count))
        columns = [name.strip() for name in next(reader, [])]
        if not any(columns):
            raise Invalid(f"{path.name}: the first line has to name the columns.")
        for values in reader:
            if any(value.strip() for value in values):
                yield _row(reader.line_num, columns, values)


def _row(line: int, columns: list[str], values: list[Any]) -> ImportRow:
    extra = [value for value in values[len(columns) :] if value not in ("", None)]
    problem = f"{len(values)} values for {len(columns)} columns" if extra else ""
    return ImportRow(line, dict(zip(columns, values, strict=False)), problem)


def _sheet_rows(path: Path) -> Iterator[ImportRow]:
    try:
        sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
    except Exception as error:  # calamine's errors have no common base
        raise Invalid(f"{path.name}: the workbook cannot be read; save it again.") from error
    lines = iter(sheet.iter_rows())
    columns = [str(name).strip() for name in next(lines, [])]
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
        for number, line in enumerate(text, start=1):
            if not line.strip():
                continue
            try:
                value = json.loads(line)
            except ValueError:
                yield ImportRow(number, {"": line.rstrip("\n")}, "the line is not JSON")
                continue
            if isinstance(value, dict):
                yield ImportRow(number, value)
            else:
                yield ImportRow(number, {"": value}, "the line is not a JSON object")
