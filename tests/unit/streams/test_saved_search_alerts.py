"""Announcements of saved searches: ids, the limit of a day, digests, and the wait for matches."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost import ids
from roost.errors import Transient
from roost.events.notification import Notification
from roost.events.preferences import ChannelKind, DeliveryPreferences, Digest, Pace
from roost.events.saved_search import SearchNotice
from roost.kafka.incoming import Fact, Incoming
from roost.kafka.ports import Partition, partitions_of
from roost.topics import PROPOSALS, SEARCHABLE
from roost.views.answers import Hit, Page
from streams.alert.announced_pairs import MOST_A_DAY, FoundPair, announced, summary
from streams.alert.decided_matches import DecidedMatches, ends_of
from streams.alert.met_searches import MOST_PER_OPENING, MetSearches, start_of
from streams.deliver.timing import CountyDefaults, digest_slot

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 12, 1, 4, tzinfo=UTC)
COUNTY = CountyDefaults(ZONE, None, timedelta())
WORKER = ids.worker_id("t", "1")


def pair(number: int = 1, search: str = "1", **changes: Any) -> FoundPair:
    values: dict[str, Any] = {
        "search_id": ids.derive("q", search),
        "worker_id": WORKER,
        "notice": SearchNotice.AT_ONCE.value,
        "opening_id": ids.opening_id("t", str(number)),
        "posted_at": NOON,
    }
    return FoundPair(**values | changes)


def test_the_id_of_an_announcement_follows_from_search_and_opening_alone() -> None:
    again = pair(posted_at=NOON + timedelta(days=2), notice="digest")
    assert pair().notification_id == again.notification_id
    assert len({pair(1).notification_id, pair(2).notification_id}) == 2
    assert pair(1).notification_id != pair(1, "2").notification_id
    [told] = announced([pair()], {}, ZONE)
    assert told.id == pair().notification_id
    assert (told.match_id, told.opening_id) == (None, pair().opening_id)


@given(
    st.lists(st.tuples(st.sampled_from("12"), st.integers(0, 40), st.integers(0, 2)), max_size=60),
    st.dictionaries(st.sampled_from("12"), st.integers(0, 7)),
)
def test_a_search_announces_at_most_so_many_openings_of_a_day(
    found: list[tuple[str, int, int]], known: dict[str, int]
) -> None:
    """The openings of a day are those that were posted on it in the county's time zone."""
    pairs = [
        pair(number, search, posted_at=NOON + timedelta(days=days))
        for search, number, days in found
    ]
    counted = {
        (ids.derive("q", search), date(2026, 12, 1)): number for search, number in known.items()
    }
    told = announced(pairs, counted, ZONE)
    days = Counter((each.saved_search_id, each.caused_at.astimezone(ZONE).date()) for each in told)
    asked = Counter((each.search_id, each.posted_at.astimezone(ZONE).date()) for each in pairs)
    for day, number in asked.items():
        before = counted.get(day, 0)
        assert days[day] == max(0, min(number, MOST_A_DAY - before))


def test_a_summary_is_one_a_search_and_day_and_names_a_hundred_at_most() -> None:
    day = date(2026, 12, 1)
    first, again = (summary(pair().search_id, WORKER, day, n, NOON) for n in (7, 900))
    assert first.id == again.id
    assert (first.further, again.further) == (7, 100)
    assert first.opening_id is None
    assert summary(pair().search_id, WORKER, day + timedelta(1), 7, NOON).id != first.id


def slot(told: Notification, telling: DeliveryPreferences) -> datetime | None:
    return digest_slot(telling, COUNTY, told, ChannelKind.SMS, NOON)


def test_a_search_for_the_digest_waits_for_it_also_without_a_digest() -> None:
    [at_once] = announced([pair()], {}, ZONE)
    [gathered] = announced([pair(notice=SearchNotice.DIGEST.value)], {}, ZONE)
    none, noon = DeliveryPreferences(), DeliveryPreferences(digest=Digest(at=time(13)))
    assert slot(at_once, none) is None
    assert slot(gathered, none) == datetime(2026, 12, 2, 0, tzinfo=UTC), "8:00 in Shanghai"
    assert slot(gathered, noon) == datetime(2026, 12, 1, 5, tzinfo=UTC), "the worker's own time"
    weekly = DeliveryPreferences(digest=Digest(pace=Pace.WEEKLY, weekday=4))
    assert slot(at_once, weekly) == slot(gathered, weekly) == datetime(2026, 12, 3, 0, tzinfo=UTC)


class Progress:
    """The offsets of a group, each look one further; the last ones stay."""

    def __init__(self, *looks: dict[Partition, int], proposals: int = 0) -> None:
        self.looks, self._proposals = list(looks), proposals
        self.asked = 0

    async def committed(self) -> dict[Partition, int]:
        self.asked += 1
        return self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]

    async def ends(self, partitions: Collection[Partition]) -> dict[Partition, int]:
        return dict.fromkeys(partitions, self._proposals)


class Groups:
    def __init__(self, **groups: Progress | Exception) -> None:
        self._groups = groups

    @asynccontextmanager
    async def group_offsets(self, group: str) -> AsyncIterator[Any]:
        found = self._groups[group]
        if isinstance(found, Exception):
            raise found
        yield found


def events(*offsets: int) -> Sequence[Fact[Any]]:
    return [Fact("o", None, Incoming(SEARCHABLE, 2, offset, b"o", b"", NOON)) for offset in offsets]


HERE = Partition(SEARCHABLE.name, 2)
DECIDED = dict.fromkeys(partitions_of([PROPOSALS]), 9)


async def test_matches_of_the_batch_are_decided_before_it_is_announced() -> None:
    assert ends_of(events(3, 7, 5)) == {HERE: 8}
    match = Progress({HERE: 3}, {HERE: 7}, {HERE: 8}, proposals=9)
    behind = dict.fromkeys(partitions_of([PROPOSALS]), 8)
    queue = Progress(behind, DECIDED)
    await DecidedMatches(Groups(match=match, queue=queue), "match", "queue").follow(events(7))  # type: ignore[arg-type]
    assert (match.asked, queue.asked) == (3, 2)


async def test_a_stage_that_is_behind_is_waited_for_once_and_looked_at_again() -> None:
    match, queue = Progress({HERE: 3}, proposals=9), Progress(DECIDED)
    decided = DecidedMatches(Groups(match=match, queue=queue), "match", "queue", 0.2)  # type: ignore[arg-type]
    await decided.follow(events(7))
    first = match.asked
    assert first > 1
    await decided.follow(events(8))
    assert match.asked == first + 1, "one look, and no wait"
    match.looks = [{HERE: 20}]
    await decided.follow(events(9))
    match.looks, match.asked = [{HERE: 20}, {HERE: 21}], 0
    await decided.follow(events(20))
    assert match.asked == 2, "it has caught up, so it is waited for again"


@pytest.mark.parametrize("match", [Progress({}), Transient("Kafka is away")])
async def test_nobody_waits_for_a_stage_that_does_not_run_nor_while_kafka_is_away(
    match: Any,
) -> None:
    groups = Groups(match=match, queue=Progress({}))
    await DecidedMatches(groups, "match", "queue").follow(events(7))  # type: ignore[arg-type]


class Searches:
    """Saved searches without words or circles, all of which every opening meets."""

    def __init__(self, number: int) -> None:
        self.ids = sorted(ids.derive("q", str(each)) for each in range(number))

    async def msearch(self, searches: Sequence[tuple[str, Any]]) -> list[Page]:
        return [self._page(body) for _, body in searches]

    def _page(self, body: Any) -> Page:
        (span,) = (each["range"]["id"] for each in body["query"]["bool"]["filter"][-1:])
        found = [
            id
            for id in self.ids
            if ("gte" in span and id >= span["gte"]) or ("lt" in span and id < span["lt"])
        ]
        hits = tuple(
            Hit(
                id,
                None,
                {"id": id, "worker_id": WORKER, "notice": "at_once", "compared": False},
            )
            for id in found[: body["size"]]
        )
        return Page(hits, len(found))

    async def mget(self, keys: Sequence[Any], fields: Sequence[str] = ()) -> dict[Any, Any]:
        assert not keys
        return {}


def document(number: int) -> dict[str, Any]:
    return {
        "id": ids.opening_id("t", str(number)),
        "posted_at": NOON.isoformat(),
        "employer_id": "e",
    }


async def test_every_search_that_an_opening_meets_is_found_up_to_the_limit() -> None:
    few = Searches(MOST_PER_OPENING - 1)
    pairs = await MetSearches(few).pairs([document(1), document(2)])  # type: ignore[arg-type]
    for number in (1, 2):
        of_one = [each.search_id for each in pairs if each.opening_id == document(number)["id"]]
        assert sorted(of_one) == few.ids
    many = Searches(MOST_PER_OPENING + 500)
    found = [
        {each.search_id for each in await MetSearches(many).pairs([document(number)])}  # type: ignore[arg-type]
        for number in range(12)
    ]
    assert all(len(each) == MOST_PER_OPENING for each in found)
    assert set.union(*found) == set(many.ids), "other openings begin at other searches"
    assert start_of(document(1)) != start_of(document(2))
