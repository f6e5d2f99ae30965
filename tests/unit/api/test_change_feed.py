"""A subscriber of the change feed: every change once, and the views read once for many."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson
import pytest

from api.access.principal import Principal
from api.changes.service import BATCH, follow_changes
from api.live.feed_positions import PARTITIONS, parse_cursor
from api.ports.live_messages import FeedChange
from api.ports.services import Services
from roost import ids
from roost.events.account import AccountRole
from roost.kafka.ports import Partition
from roost.time.clock import FixedClock
from roost.topics import MATCHES, OPENINGS
from tests.unit.api.builders import NOW
from tests.unit.api.services import services_with

EMPLOYER = Principal(id="k-1", name="hr", role=AccountRole.EMPLOYER, employer_id="site-1")
MATCH = next(each for each in PARTITIONS if each.topic == MATCHES.name)


class CountingViews:
    """Views in which every opening is the employer's; counts the requests."""

    def __init__(self) -> None:
        self.requests = 0

    async def mget(
        self, keys: Sequence[tuple[str, str]], fields: Sequence[str] | None = None
    ) -> dict[tuple[str, str], dict[str, Any]]:
        self.requests += 1
        return {key: {"employer_id": "site-1"} for key in keys if key[0] == OPENINGS.name}


class Feed:
    """A feed of given changes, then silence."""

    def __init__(self, changes: Sequence[FeedChange]) -> None:
        self._changes = changes
        self.silent = False

    async def page(
        self, positions: Mapping[Partition, int], places: Collection[Partition], most: int = 500
    ) -> tuple[list[FeedChange], dict[Partition, int]]:
        left = [each for each in self._changes if each.offset >= positions[each.place]][:most]
        ends = {each.place: each.offset + 1 for each in left}
        return left, {**positions, **ends}

    async def come(self, within_s: float) -> bool:
        self.silent = True
        return False


def a_match(offset: int) -> FeedChange:
    opening, worker = ids.opening_id("t", "1"), ids.worker_id("t", str(offset))
    fact = {
        "id": ids.match_id(opening, worker),
        "openingId": opening,
        "workerId": worker,
        "state": "proposed",
        "score": 80.0,
    }
    return FeedChange(MATCHES.name, MATCH.partition, offset, fact["id"], orjson.dumps(fact), NOW)


@pytest.fixture
def views() -> CountingViews:
    return CountingViews()


def services(views: CountingViews, feed: Feed) -> Services:
    return services_with(elastic=views, feed=feed, clock=FixedClock(NOW), key=b"k" * 32)


async def received(given: Services, feed: Feed, most: int | None = None) -> list[tuple[str, str]]:
    """Return the cursor and id of each change until the feed is silent."""
    found: list[tuple[str, str]] = []

    def still() -> bool:
        return not feed.silent and (most is None or len(found) < most)

    start = dict.fromkeys(PARTITIONS, 0)
    async for cursor, change in follow_changes(given, EMPLOYER, start, set(PARTITIONS), still):
        found.append((cursor, change.id))
    return found


async def test_the_views_are_read_once_for_many_changes(views: CountingViews) -> None:
    feed = Feed([a_match(offset) for offset in range(3 * BATCH)])
    found = await received(services(views, feed), feed)
    assert [id for _, id in found] == [a_match(offset).key for offset in range(3 * BATCH)]
    assert views.requests <= 3 * 4, "three readings for a batch, and those of the silent end"


async def test_each_cursor_resumes_after_its_own_change(views: CountingViews) -> None:
    feed = Feed([a_match(offset) for offset in range(5)])
    given = services(views, feed)
    found = await received(given, feed)
    positions = [parse_cursor(given, EMPLOYER.id, cursor)[MATCH] for cursor, _ in found]
    assert positions == [1, 2, 3, 4, 5]


async def test_a_subscriber_who_loses_access_receives_no_further_change_of_a_batch(
    views: CountingViews,
) -> None:
    feed = Feed([a_match(offset) for offset in range(50)])
    assert len(await received(services(views, feed), feed, most=7)) == 7
