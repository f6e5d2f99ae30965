"""Writes of notification preferences: each builds on the newest ones."""

from __future__ import annotations

import asyncio

import orjson
import pytest

from tests.unit.api.two_stations import HERE, County, stored_worker


@pytest.fixture
def county() -> County:
    return County()


@pytest.fixture
def worker(county: County) -> str:
    """The path of a worker of the clerk's station."""
    record = stored_worker(HERE)
    county.views.store(record)
    return f"/v1/profiles/{record.key}"


async def test_a_snooze_keeps_a_choice_that_no_view_shows_yet(county: County, worker: str) -> None:
    await county.send("PUT", f"{worker}/preferences", {"mutedKinds": ["policy_news"]})
    snoozed = await county.send("POST", f"{worker}/snooze", {"hours": 8})
    assert snoozed.status_code == 202, snoozed.text
    chosen = orjson.loads(county.log.records[-1].value or b"")
    assert chosen["mutedKinds"] == ["policy_news"]
    assert "snoozedUntil" in chosen


async def test_of_two_edits_of_the_same_preferences_one_is_refused(
    county: County, worker: str
) -> None:
    read = await county.send("GET", f"{worker}/preferences", {})
    match = {"If-Match": read.headers["etag"]}
    answers = await asyncio.gather(
        *(
            county.send("PUT", f"{worker}/preferences", {"mutedKinds": [kind]}, **match)
            for kind in ("policy_news", "new_match")
        )
    )
    assert sorted(each.status_code for each in answers) == [202, 412]
    assert len(county.log.records) == 1
