"""The fault matrix: every selected row with every selected seed."""

from __future__ import annotations

import pytest

from tests.faults.cluster import Cluster
from tests.faults.conftest import FULL, SEEDS, rows
from tests.faults.rows import ROWS
from tests.faults.scenario import Outcome, play

pytestmark = [pytest.mark.stack, pytest.mark.timeout(3_600 if FULL else 900)]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("number", rows())
async def test_what_is_promised_holds_under(
    number: int, seed: int, running: Cluster, table: list[Outcome]
) -> None:
    row = ROWS[number]
    if missing := row.needs - set(running.stages):
        pytest.skip(f"needs the stage {', '.join(sorted(missing))}")
    outcome = await play(row, seed, running, full=FULL)
    table.append(outcome)
    print(outcome)
    assert outcome.injections, "nothing was injected"
    assert outcome.violations == []
