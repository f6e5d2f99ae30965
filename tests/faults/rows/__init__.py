"""The matrix: every row by its number."""

from __future__ import annotations

from tests.faults.rows import input_rows, process_rows, server_rows
from tests.faults.scenario import Row

ROWS: dict[int, Row] = {
    row.number: row
    for row in sorted(
        (*process_rows.ROWS, *server_rows.ROWS, *input_rows.ROWS), key=lambda row: row.number
    )
}
QUICK = tuple(number for number, row in ROWS.items() if row.quick)
