"""A run that is killed between two publications, and a partner that changes its mind before the
next one: what the source lists is open, and what it withdrew is closed."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from producers.sources.source_runs import killed
from roost.errors import Transient
from roost.events.opening import OpeningStatus as S
from tests.unit.producers.sources.partner import County, advertisement

FIVE = [advertisement(number) for number in range(5)]
FOUR = FIVE[:4]
KEPT = range(26)
"""Publications before a kill: beyond the longest of these runs."""


@pytest.fixture
def county(tmp_path: Path) -> County:
    return County(tmp_path)


def run_killed(county: County, kept: int) -> None:
    """Read the source in a process that is killed at a publication."""
    assert county.source is not None
    county.record.fails_after = len(county.record.said) + kept
    with suppress(Transient):
        county.run()
    county.record.fails_after = None
    if county.state is not None and county.state.running_since is not None:
        killed(county.source, county.state, county.clock.now(), county.ports())


@pytest.mark.parametrize("kept", KEPT)
def test_what_a_killed_run_published_is_closed_once_a_listing_lacks_it(
    county: County, kept: int
) -> None:
    county.define(mostWithdrawnPercent=100)
    county.drop(FIVE)
    run_killed(county, kept)
    county.drop(FOUR)
    county.run()
    found = county.record.openings()
    assert {found[row["identifier"]] for row in FOUR} == {S.OPEN}
    assert found.get("J-4") in (S.CLOSED, None)
    county.drop(FIVE)
    county.run()
    assert set(county.record.openings().values()) == {S.OPEN}
    assert {each.closed for each in county.entries.values()} == {None}


@pytest.mark.parametrize("kept", KEPT)
def test_what_a_killed_run_published_is_closed_once_a_feed_marks_it(
    county: County, kept: int
) -> None:
    county.define(
        mode="changes",
        removal={"field": "status", "values": ["gone"]},
        mostWithdrawnPercent=100,
    )
    county.drop(FIVE, "1.json")
    run_killed(county, kept)
    county.drop([*FOUR, {"identifier": "J-4", "status": "gone"}], "1.json")
    county.run()
    assert county.record.openings().get("J-4") in (S.CLOSED, None)


@pytest.mark.parametrize("runs_between", [0, 1], ids=["at once", "after a run"])
@pytest.mark.parametrize("kept", KEPT)
def test_what_a_killed_run_closed_is_reopened_when_it_returns(
    county: County, kept: int, runs_between: int
) -> None:
    county.define(mostWithdrawnPercent=100)
    county.drop(FIVE)
    county.run()
    county.drop(FOUR)
    run_killed(county, kept)
    for _ in range(runs_between):
        county.ask()
        county.run()
        assert county.record.openings()["J-4"] is S.CLOSED
    county.drop(FIVE)
    county.run()
    assert set(county.record.openings().values()) == {S.OPEN}


@pytest.mark.parametrize("kept", KEPT)
def test_what_a_killed_run_reopened_is_open_or_closed_as_the_next_listing_says(
    county: County, kept: int
) -> None:
    county.define(mostWithdrawnPercent=100)
    for rows in (FIVE, FOUR):
        county.drop(rows)
        county.run()
    county.drop(FIVE)
    run_killed(county, kept)
    for rows, status in ((FOUR, S.CLOSED), (FIVE, S.OPEN)):
        county.drop(rows)
        county.ask()
        county.run()
        assert county.record.openings()["J-4"] is status
