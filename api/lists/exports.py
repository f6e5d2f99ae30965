"""Tables as CSV and XLSX files, safe from formula injection. Pure.

A text that begins like a formula gets a leading apostrophe in CSV, and has the type text in XLSX.
CSV begins with a byte order mark, so that Excel reads Chinese. In XLSX every cell has its type:
days, times and shares can be sorted and counted. Times are the county's, to the minute.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Response
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from producers.importing.readable_sheet import make_readable

Value = str | int | float | None
"""Value of a cell of CSV."""
BEGINS_A_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""Full-width characters count too: spreadsheets of East Asian locales treat them alike."""
BREAKS = ("\t", "\r", "\n")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\']")
LONGEST_NAME = 31
"""Characters of the name of a sheet."""
_DAY, _TIME, _SHARE, _TEXT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm", "0.0%", "@"
"""Number formats of a spreadsheet."""


class Format(StrEnum):
    """File format of an export."""

    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class Share:
    """Part of a whole, 0 to 1: a percentage in a spreadsheet, a plain number in CSV."""

    value: float


Cell = Value | date | datetime | Share


@dataclass(frozen=True, slots=True)
class Table:
    """A table to export, in the reader's language."""

    name: str
    """Name of its sheet."""
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    zone: ZoneInfo
    """Time zone in which times are written."""


MEDIA = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
DOCUMENTED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The table as a file; times are in the county's time zone",
        "content": {
            kind.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
            for kind in MEDIA.values()
        },
    }
}
"""Responses for the OpenAPI document, with `response_class=Response`."""


def download(kind: Format, name: str, table: Table) -> Response:
    """Return the table as a file to download; `name` has no extension."""
    body = csv_of(table) if kind is Format.CSV else xlsx_of(table)
    headers = {
        "content-disposition": f'attachment; filename="{name}.{kind}"',
        "cache-control": "no-store",
    }
    return Response(body, media_type=MEDIA[kind], headers=headers)


def csv_of(table: Table) -> bytes:
    """Return the table as CSV."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for row in (table.header, *table.rows):
        writer.writerow([inert(_written(each, table.zone)) for each in row])
    return "\ufeff".encode() + out.getvalue().encode()


def xlsx_of(table: Table) -> bytes:
    """Return the table as XLSX: typed cells, wide enough columns, a header that stays and sorts."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_name(table.name))
    rows = [table.header, *table.rows]
    make_readable(sheet, [[str(_written(each, table.zone) or "") for each in row] for row in rows])
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.header))}{len(rows)}"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.append([_heading(sheet, each) for each in table.header])
    for row in rows[1:]:
        sheet.append([_cell(sheet, each, table.zone) for each in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def inert(value: Value) -> Value:
    """Return the value so that no spreadsheet evaluates it as a formula; numbers stay."""
    if isinstance(value, str) and (
        value.lstrip().startswith(BEGINS_A_FORMULA) or value.startswith(BREAKS)
    ):
        return f"'{value}"
    return value


def _written(value: Cell, zone: ZoneInfo) -> Value:
    """Return a cell as text or number: times to the minute, without control characters."""
    match value:
        case datetime():
            return _local(value, zone).isoformat(sep=" ", timespec="minutes")
        case date():
            return value.isoformat()
        case Share():
            return value.value
        case str():
            return UNPRINTABLE.sub("", value)
    return value


def _local(value: datetime, zone: ZoneInfo) -> datetime:
    """Return a time in the zone, without its offset: spreadsheets know none."""
    return value.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)


def _sheet_name(name: str) -> str:
    return _NOT_IN_A_NAME.sub("_", UNPRINTABLE.sub("", name))[:LONGEST_NAME].strip() or "1"


def _heading(sheet: object, text: str) -> WriteOnlyCell:
    cell = _text(sheet, UNPRINTABLE.sub("", text))
    cell.font = Font(bold=True)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _cell(sheet: object, value: Cell, zone: ZoneInfo) -> WriteOnlyCell:
    match value:
        case datetime():
            return _formatted(sheet, _local(value, zone), _TIME)
        case date():
            return _formatted(sheet, value, _DAY)
        case Share():
            return _formatted(sheet, value.value, _SHARE)
        case str():
            return _text(sheet, UNPRINTABLE.sub("", value))
    return WriteOnlyCell(sheet, value)


def _formatted(sheet: object, value: object, form: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value)
    cell.number_format = form
    return cell


def _text(sheet: object, value: str) -> WriteOnlyCell:
    cell = _formatted(sheet, value, _TEXT)
    cell.data_type = "s"
    # Otherwise an edit in the spreadsheet would turn it into a formula.
    cell.quotePrefix = inert(value) != value
    return cell
