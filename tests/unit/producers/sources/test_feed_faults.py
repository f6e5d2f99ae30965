"""A partner's server that fails in every way, and a process that is killed: nothing is lost.

Hypothesis chooses the changes of the feed and a fault for each pull. After a pull without a fault
the record equals the feed, and no opening was published twice with the same content.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from producers.sources.source_runs import killed
from roost.errors import Transient
from roost.events.opening import OpeningStatus
from roost.events.source import RunOutcome
from roost.topics import OPENINGS
from tests.unit.producers.sources.feeds import Feed, Pull
from tests.unit.producers.sources.partner import County, partner

FAULTS = ("kill", "none", "kill", "status", "cut", "garbage", "new tag")


PULLS = st.lists(
    st.builds(
        Pull,
        added=st.sampled_from((2, 0, 4)),
        edited=st.none() | st.integers(0, 20),
        withdrawn=st.none() | st.integers(0, 20),
        fault=st.sampled_from(FAULTS),
        after=st.integers(0, 9),
        returned=st.none() | st.integers(1, 20),
    ),
    min_size=3,
    max_size=6,
)


KILLED_BEFORE_ENTRIES = [
    Pull(added=2, edited=None, withdrawn=None, fault="kill", after=3),
    Pull(added=2, edited=None, withdrawn=1, fault="kill", after=0),
]
"""A run once published openings and was killed before their entries, and one was withdrawn."""


@contextmanager
def reading(feed: Feed, folder: Path) -> Iterator[County]:
    county = County(folder)
    with partner(feed.answer) as (url, _):
        county.define(url=feed.url_at(url), **feed.content())
        yield county


def pull(county: County, given: Pull) -> None:
    """Read the source once, in a process that is killed at a publication or not."""
    assert county.source is not None
    if given.fault == "kill":
        county.record.fails_after = len(county.record.said) + given.after
    with suppress(Transient):
        county.run()
    county.record.fails_after = None
    if county.state is not None and county.state.running_since is not None:
        killed(county.source, county.state, county.clock.now(), county.ports())


def check_nothing_lost_or_twice(county: County, feed: Feed) -> None:
    found = county.record.openings()
    listed = {row["identifier"]: row for row in feed.ads.values()}
    opened = {name for name, status in found.items() if status is OpeningStatus.OPEN}
    assert opened == set(listed)
    assert set(found.values()) <= {OpeningStatus.OPEN, OpeningStatus.CLOSED}
    last: dict[str, bytes | None] = {}
    for each in county.record.said:
        if each.topic.name == OPENINGS.name:
            assert last.get(each.key) != each.value, "published twice"
            last[each.key] = each.value
    counts = {
        fact["identifier"]: fact["totalJobOpenings"]
        for fact in (orjson.loads(value or b"null") for value in last.values())
        if fact["identifier"] in listed
    }
    assert counts == {name: row["totalJobOpenings"] for name, row in listed.items()}


@pytest.mark.parametrize("is_listing", [True, False], ids=["listing", "changes"])
@settings(max_examples=15, deadline=None)
@given(pulls=PULLS)
@example(pulls=KILLED_BEFORE_ENTRIES)
def test_no_fault_of_a_feed_loses_or_repeats_an_advertisement(
    is_listing: bool, pulls: list[Pull], tmp_path_factory: pytest.TempPathFactory
) -> None:
    feed = Feed(is_listing)
    with reading(feed, tmp_path_factory.mktemp("feed")) as county:
        for each in pulls:
            feed.change(each)
            pull(county, each)
            if each.fault in ("none", "new tag"):
                check_nothing_lost_or_twice(county, feed)
        feed.fault = "none"
        county.run()
        check_nothing_lost_or_twice(county, feed)
        assert county.run().outcome in (RunOutcome.UNCHANGED, RunOutcome.READ)
        assert feed.cursors == sorted(feed.cursors), "a cursor never goes back"
        check_nothing_lost_or_twice(county, feed)


def test_a_changed_tag_with_the_same_body_publishes_nothing(tmp_path: Path) -> None:
    feed = Feed(is_listing=True)
    with reading(feed, tmp_path) as county:
        county.run()
        said = len([each for each in county.record.said if each.topic.name == OPENINGS.name])
        feed.tag += 1
        run = county.run()
        assert (run.outcome, run.read, run.published, run.closed) == (RunOutcome.READ, 1, 0, 0)
        assert county.run().outcome is RunOutcome.UNCHANGED
        again = len([each for each in county.record.said if each.topic.name == OPENINGS.name])
        assert again == said
