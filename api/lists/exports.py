"""Tables as CSV and XLSX files, safe from formula injection. Pure.

A text that begins like a formula gets a leading apostrophe in CSV, and has the type text in XLSX.
CSV begins with a byte order mark, so that Excel reads Chinese.
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
"""Full-width characters count too: spreadsheets of East Asian locales treat them alike."""
BREAKS = ("\t", "\r", "\n")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


class Format(StrEnum):
    """File format of an export."""

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
"""Responses for the OpenAPI document, with `response_class=Response`."""


def download(
    kind: Format, name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> Response:
    """Return the table as a file to download; `name` has no extension."""
    body = csv_of(header, rows) if kind is Format.CSV else xlsx_of(header, rows)
    headers = {
        "content-disposition": f'attachment; filename="{name}.{kind}"',
        "cache-control": "no-store",
    }
    return Response(body, media_type=MEDIA[kind], headers=headers)


def csv_of(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return the table as CSV."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for row in (header, *rows):
        writer.writerow([inert(_plain(each)) for each in row])
    return "\ufeff".encode() + out.getvalue().encode()


def xlsx_of(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return the table as XLSX."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for row in (header, *rows):
        sheet.append([_cell(sheet, _plain(each)) for each in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def inert(value: str | int | float | None) -> str | int | float | None:
    """Return the value so that no spreadsheet evaluates it as a formula; numbers stay."""
    if isinstance(value, str) and (
        value.lstrip().startswith(BEGINS_A_FORMULA) or value.startswith(BREAKS)
    ):
        return f"'{value}"
    return value


def _plain(value: Cell) -> str | int | float | None:
    """Return a cell as text or number: times to the minute, without control characters."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    return UNPRINTABLE.sub("", value) if isinstance(value, str) else value


def _cell(sheet: object, value: str | int | float | None) -> object:
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"
        cell.quotePrefix = (
            inert(value) != value
        )  # otherwise an edit in the spreadsheet would turn it into a formula
    return cell
