"""Tables as CSV and XLSX that no spreadsheet takes for formulas: pure.

A text that begins as a formula does gets an apostrophe before it in CSV, and is a text by its type
in XLSX. CSV begins with a byte order mark, so that Excel reads Chinese.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from fastapi import Response
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

Cell = str | int | float | date | datetime | None
BEGINS_A_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""Also in full width: spreadsheets of East Asian locales read them alike."""
BREAKS = ("\t", "\r", "\n")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


MEDIA = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
DOCUMENTED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The table as a file",
        "content": {
            kind.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
            for kind in MEDIA.values()
        },
    }
}
"""For the document, with `response_class=Response`."""


def download(
    kind: Format, name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> Response:
    """The table as a file to keep; `name` has no ending."""
    body = csv_of(header, rows) if kind is Format.CSV else xlsx_of(header, rows)
    headers = {
        "content-disposition": f'attachment; filename="{name}.{kind}"',
        "cache-control": "no-store",
    }
    return Response(body, media_type=MEDIA[kind], headers=headers)


def csv_of(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for row in (header, *rows):
        writer.writerow([inert(_plain(each)) for each in row])
    return "\ufeff".encode() + out.getvalue().encode()


def xlsx_of(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for row in (header, *rows):
        sheet.append([_cell(sheet, _plain(each)) for each in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def inert(value: str | int | float | None) -> str | int | float | None:
    """A text that no spreadsheet takes for a formula; numbers as they are."""
    if isinstance(value, str) and (
        value.lstrip().startswith(BEGINS_A_FORMULA) or value.startswith(BREAKS)
    ):
        return f"'{value}"
    return value


def _plain(value: Cell) -> str | int | float | None:
    """Times to the minute, without characters that a file may not hold."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    return UNPRINTABLE.sub("", value) if isinstance(value, str) else value


def _cell(sheet: object, value: str | int | float | None) -> object:
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"
        cell.quotePrefix = inert(value) != value  # else editing the cell would make it one
    return cell
