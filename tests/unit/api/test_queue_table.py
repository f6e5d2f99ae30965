"""The table of a queue shows where a worker lives as long as the match is active."""

from __future__ import annotations

import pytest

from api.stations.queue_export import HEADER, rows_of_cells
from roost.events.match import MatchState
from roost.places.gazetteer import gazetteer
from tests.unit.api.two_stations import HERE

TOWNSHIP = next(index for index, names in enumerate(HEADER) if names[0] == "Township")


@pytest.mark.parametrize("state", list(MatchState))
def test_the_row_of_an_ended_match_has_no_residence(state: MatchState) -> None:
    document = {"id": "m", "state": state.value, "score": 0.5, "township": HERE.key, "fact": {}}
    [cells] = rows_of_cells([document], str, gazetteer(), chinese=True)
    assert cells[TOWNSHIP] == (gazetteer()[HERE.key].name if state.active else "")
