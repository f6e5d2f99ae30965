"""alert: `searchable` ─► saved searches that an opening meets ─► `notifications` ─► view.

1. wait, for a limited time, until the match and queue stages have decided on the openings of the
   batch (`decided_matches`)
2. read the openings that are still of this version, open and approved, and the saved searches that
   they meet, all of them in one request (`met_searches`)
3. leave out pairs that have a notification, and pairs of a worker and an opening that have a match:
   the worker is notified of that
4. publish the notifications within the limit of each search's day and, once the broker has
   acknowledged them, write them to the view (`NewNotifications`)

Commits after 4. A kill at any point repeats the batch from 1: ids derive from search and opening,
and the limit counts what the view holds, so a repeat announces nothing twice. Whatever a killed
process published without writing it is replayed into the view first (`TailReplay`).

Nothing is lost in silence. Openings beyond the limit of a search's day, and searches beyond the
limit of an opening, are counted the night after: periodic work (`summaries`) looks at each search
for the openings of the day that were not announced, and publishes their number.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime, tzinfo
from typing import Any, Protocol

from roost.events.searchable import EntityKind, Searchable
from roost.kafka.incoming import Fact
from roost.kafka.ports import Partition, Producer
from roost.metrics import ALERTS_CARRIED
from roost.saved_searches.inverted_searches import is_current
from roost.time.clock import Clock, day_of
from roost.time.county_days import DAY, day_begins
from roost.topics import NOTIFICATIONS, OPENINGS, SAVED_SEARCHES, SEARCHABLE, Topic
from roost.views.elastic import Elastic, Json
from streams.alert.announced_pairs import FoundPair, announced
from streams.alert.met_searches import MetSearches
from streams.alert.new_pairs import new_pairs
from streams.alert.summaries import Summaries
from streams.kernel.retry import retry_transient
from streams.views.new_notifications import NewNotifications
from streams.views.projections import Recovery

SOURCE = "/streams/alert"
AT_ONCE = 5_000
"""Pairs that are checked together: the most keys of one request."""
FIELDS = (
    "id",
    "version",
    "active",
    "employer_id",
    "erased",
    "last_day",
    "location",
    "lodging",
    "occupations",
    "places",
    "posted_at",
    "shifts",
    "sought",
    "wage_high",
    "words",
)
"""Fields of an opening that conditions are compared with."""


class Decisions(Protocol):
    """Progress of the stages that propose and decide matches."""

    async def follow(self, facts: Sequence[Fact[Any]]) -> None:
        """Wait, for a limited time, until matches of these events are decided."""
        ...


class AlertStage:
    """The stage that notifies workers of the openings that meet their saved searches."""

    name = "alert"
    topics: tuple[Topic, ...] = (SEARCHABLE,)
    housekeeping_s = 60.0

    def __init__(
        self,
        elastic: Elastic,
        sender: Producer,
        clock: Clock,
        zone: tzinfo,
        recovery: Recovery,
        decisions: Decisions,
    ) -> None:
        self._elastic = elastic
        self._clock = clock
        self._zone = zone
        self._recovery = recovery
        self._decisions = decisions
        self._met = MetSearches(elastic)
        self._new = NewNotifications(elastic, sender, clock, self.name, SOURCE)
        self._summaries = Summaries(elastic, self._new, clock, zone)

    def forget(self, partitions: Collection[Partition]) -> None:
        """Replay the end of `notifications` again: the next owner of a partition may write it."""
        self._recovery.forget(range(NOTIFICATIONS.partitions))

    async def handle(self, facts: Sequence[Fact[Any]]) -> None:
        """Announce the openings of a batch to the owners of the searches that they meet."""
        await self._recovery.ensure(range(NOTIFICATIONS.partitions))
        ours = [each for each in facts if each.required_event.kind is EntityKind.OPENING]
        if not ours:
            return
        await self._decisions.follow(ours)
        newest = _newest([each.required_event for each in ours])
        pairs = await retry_transient("alert.search", lambda: self._pairs(newest))
        for start in range(0, len(pairs), AT_ONCE):
            await self._announce(pairs[start : start + AT_ONCE])

    async def housekeeping(self) -> None:
        """Count the openings of past days that were not announced one by one."""
        await self._recovery.ensure(range(NOTIFICATIONS.partitions))
        await self._summaries.run()

    async def _pairs(self, newest: Sequence[Searchable]) -> list[FoundPair]:
        """Return the pairs of the openings with the searches that they meet: step 2."""
        keys = [(OPENINGS.name, each.id) for each in newest]
        found = await self._elastic.mget(keys, FIELDS)
        await self._elastic.refresh(SAVED_SEARCHES.name)
        today = day_of(self._clock.now(), self._zone).toordinal()
        current: list[Json] = [
            document
            for event, key in zip(newest, keys, strict=True)
            if (document := found.get(key)) is not None
            and is_current(document, event.version, today)
        ]
        return await self._met.pairs(current) if current else []

    async def _announce(self, pairs: Sequence[FoundPair]) -> None:
        """Announce the pairs that are new, within the limits: steps 3 and 4."""
        fresh, counted = await retry_transient("alert.read", lambda: self._fresh(pairs))
        due = announced(fresh, counted, self._zone)
        ALERTS_CARRIED.labels("day").inc(len(fresh) - len(due))
        await self._new.notify(due)

    async def _fresh(
        self, pairs: Sequence[FoundPair]
    ) -> tuple[list[FoundPair], Counter[tuple[str, date]]]:
        """Return the pairs without a notification or a match, and the counts of their searches."""
        fresh = await new_pairs(self._elastic, pairs)
        return fresh, await self._counted(fresh)

    async def _counted(self, pairs: Sequence[FoundPair]) -> Counter[tuple[str, date]]:
        """Return the notifications of each search by day of the opening's posting."""
        by_day: dict[date, set[str]] = defaultdict(set)
        for each in pairs:
            by_day[day_of(each.posted_at, self._zone)].add(each.search_id)
        if not by_day:
            return Counter()
        await self._elastic.refresh(NOTIFICATIONS.name)
        questions = [
            ("saved_search_id", sorted(searches), _of_day(day, self._zone))
            for day, searches in by_day.items()
        ]
        found = await self._elastic.tallies(NOTIFICATIONS.name, questions)
        return Counter(
            {
                (search, day): number
                for day, tally in zip(by_day, found, strict=True)
                for search, number in tally.items()
            }
        )


def _of_day(day: date, zone: tzinfo) -> Json:
    """Return the condition of single announcements of a day's openings."""
    begins, ends = day_begins(day, zone), day_begins(day + DAY, zone)
    return {
        "bool": {
            "filter": [
                {"range": {"caused_at": {"gte": _text(begins), "lt": _text(ends)}}},
                {"exists": {"field": "opening_id"}},
            ]
        }
    }


def _text(at: datetime) -> str:
    return at.isoformat()


def _newest(events: Sequence[Searchable]) -> list[Searchable]:
    """Return one event for each opening, that of its newest version."""
    newest: dict[str, Searchable] = {}
    for event in events:
        if event.id not in newest or event.version >= newest[event.id].version:
            newest[event.id] = event
    return list(newest.values())
