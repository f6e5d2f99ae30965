"""The matrix: every row by its number.

Numbers from 100 on are further variants of a row: 102 (a stage that stalls) and 202 (all stages in
one process) of 2, 104 (a message to an employer) and 204 (a provider's acceptance) of 4, 106
(between the processes and the broker) and 206 (the API without a broker) of 6, 110 (a stage that
fails at every event) of 10, 117 (the broker's disk) of 17, 119 (a quiet client and one that floods)
of 19, 125 (a feed of changes) of 25.
"""

from __future__ import annotations

from tests.faults.rows import (
    api_rows,
    channel_rows,
    conversation_rows,
    disk_rows,
    employer_rows,
    flood_rows,
    input_rows,
    mixed_rows,
    process_rows,
    provider_rows,
    server_rows,
    source_rows,
    state_rows,
)
from tests.faults.scenario import FaultRow

FAMILIES = (
    api_rows,
    process_rows,
    channel_rows,
    employer_rows,
    provider_rows,
    server_rows,
    input_rows,
    state_rows,
    disk_rows,
    flood_rows,
    mixed_rows,
    conversation_rows,
    source_rows,
)
ROWS: dict[int, FaultRow] = dict(
    sorted((row.number, row) for family in FAMILIES for row in family.ROWS)
)
QUICK = tuple(number for number, row in ROWS.items() if row.quick)
