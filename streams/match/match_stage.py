"""The match stage: from `searchable`, by searches in the views, to `proposals`.

It proposes the best workers for an opening and the best openings for a profile. In both cases it
adds the active matches, which have to be judged again after an edit or a closure. Of an erased
worker it adds every match, whatever its state. The candidates of a batch are assigned together
(`candidates`, `matcher.assignment`) with the best total score, within the openings' places and the
workers' daily shares. An entity is skipped if its newer version is already in the view: that
version's event follows, so several edits in a row are matched once. Periodically, openings whose
last day has passed are republished as searchable, and once a day those with free places
(`announcing`).

A batch is committed after the broker has acknowledged its proposals. A repeated batch proposes the
same pairs again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from matcher import queries, ranking
from matcher.eligibility import near_home
from matcher.fair_days import crowding_employers
from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.weights import STATED, Weights
from roost.events.envelope import Record, record
from roost.events.match import Proposals
from roost.events.searchable import Searchable
from roost.kafka.incoming import Fact
from roost.kafka.ports import Producer
from roost.metrics import COALESCED, EVALUATED
from roost.rules.capacity import Capacity
from roost.time.clock import Clock, day_of, is_late, start_of_day
from roost.topics import MATCHES, OPENINGS, PROFILES, SEARCHABLE, Topic
from roost.views.elastic import Elastic, Json, Page
from roost.views.remembered import Versioned
from streams.kernel.retry import retry_transient
from streams.match.announcing import announce_expired, announce_vacant
from streams.match.candidates import Assignment, Candidates
from streams.match.full_days import FullDays
from streams.match.priority_audit import record_priority
from streams.match.subjects import (
    EXISTING_PAGE_SIZE,
    Subject,
    by_side,
    existing_search,
    is_worker,
    keep_newest,
    to_be_matched,
)
from streams.views.counts import MatchCounts, count_matches
from streams.views.editions import Edition, Editions
from streams.views.remembered_entities import (
    EntityMemory,
    remembered_openings,
    remembered_workers,
)

T = TypeVar("T")
LOOK_BACK = timedelta(days=2)
MOST_SEARCHES = 4
"""Most searches for a subject.

For a worker, each leaves out the employers that crowded the earlier ones; for an opening, the
workers found so far, if the day of too many of them has no room."""


@dataclass(frozen=True, slots=True)
class MatchLimits:
    """Limits on the pairs that are proposed."""

    least_score: float
    zone: ZoneInfo
    """Time zone in which the workers' daily shares are counted."""
    capacity: Capacity
    reserve_opens: time = time()
    """Time of day from which the reserve of a worker's day is open to any work."""


Known: TypeAlias = Mapping[str, Versioned[OpeningFeatures] | Versioned[WorkerFeatures]]
Search: TypeAlias = tuple[Subject, frozenset[str]]
"""A subject, and the employers or workers that its search leaves out."""


class MatchStage:
    """The stage that proposes pairs of openings and workers."""

    name = "match"
    topics: tuple[Topic, ...] = (SEARCHABLE,)
    housekeeping_s = 600.0

    def __init__(
        self,
        elastic: Elastic,
        sender: Producer,
        clock: Clock,
        limits: MatchLimits,
        weights: Weights = STATED,
        search_size: int = 60,
        memory: EntityMemory | None = None,
    ) -> None:
        self._elastic = elastic
        self._sender = sender
        self._clock = clock
        self._limits = limits
        self._weights = weights
        self._search_size = search_size
        self._swept: date | None = None
        self._vacancies_on: tuple[date, bool] | None = None
        self._editions = Editions(elastic)
        self._workers = remembered_workers(elastic, memory)
        self._openings = remembered_openings(elastic, memory)
        self._full_days = FullDays()

    async def housekeeping(self) -> None:
        """Republish openings that expired: all of them after a start, later the last days only.

        When a day begins, and when its reserve opens, it also republishes openings with free
        places: their pairs were held back by a limit of the day. Not directly after a start: a
        stage that restarts repeatedly would flood the others.
        """
        since = None if self._swept is None else self._swept - LOOK_BACK
        zone = self._limits.zone
        await retry_transient(
            "match.expiry",
            lambda: announce_expired(self._elastic, self._sender, self._clock, zone, since=since),
        )
        day = day_of(self._clock.now(), zone)
        part = day, is_late(self._clock.now(), zone, self._limits.reserve_opens)
        if self._swept is not None and self._vacancies_on != part:
            await self._editions.run_on_current("match.vacancies", self._announce_vacant)
            self._vacancies_on = part
        self._swept = day

    async def _announce_vacant(self, edition: Edition) -> None:
        await announce_vacant(
            self._elastic,
            self._sender,
            self._clock,
            self._openings,
            self._limits.capacity,
            self._limits.zone,
            edition.index(OPENINGS.name),
        )

    async def handle(self, facts: Sequence[Fact[Any]]) -> None:
        newest = keep_newest([fact.required_event for fact in facts])
        COALESCED.inc(len(facts) - len(newest))
        now = self._clock.now()
        subjects, assigned = await self._editions.run_on_current(
            "match.search", lambda edition: self._assign(edition, newest, now)
        )
        records = [
            proposal
            for subject in subjects
            for proposal in self._proposals(
                subject.event, assigned.by_subject.get(subject.event.id, {}), now
            )
        ]
        await retry_transient("match.send", lambda: self._sender.publish(records))
        record_priority(assigned.priority)
        for subject in subjects:
            EVALUATED.labels(subject.event.kind).inc()

    async def _assign(
        self, edition: Edition, events: Sequence[Searchable], now: datetime
    ) -> tuple[list[Subject], Assignment]:
        """Read, search, count and assign on one edition.

        Existing matches are read after they were counted. For a match written in between, one place
        too many is proposed, and the queue stage refuses it. In the opposite order such a match
        would take the place of another worker, for whom no later search would be made.
        """
        subjects, _ = await asyncio.gather(
            self._subjects(edition, events), self._elastic.refresh(MATCHES.name)
        )
        since, today = start_of_day(now, self._limits.zone), day_of(now, self._limits.zone)
        found = Candidates(since, self._limits.least_score)
        capacity = self._limits.capacity
        late = is_late(now, self._limits.zone, self._limits.reserve_opens)
        self._leave_out_full(found, subjects, today)
        full = await self._find(edition, found, subjects, today)
        counted = await self._count(found, since)
        for _ in range(MOST_SEARCHES - 1):
            short = found.short_of_workers(counted, capacity, late=late)
            further = [(full[id], without) for id, without in short.items() if id in full]
            if not further:
                break
            _, full = await self._search(edition, found, further, today)
            counted = await self._count(found, since)
        self._keep_full(found.full_workers(counted, capacity), subjects, today)
        await self._add_existing(found, subjects)
        await self._add_overlooked(edition, found, subjects, today)
        return subjects, found.assign(counted, capacity, late=late)

    def _leave_out_full(self, found: Candidates, subjects: Sequence[Subject], today: date) -> None:
        """Leave workers known to be full out of the first searches for openings."""
        for each in subjects:
            if isinstance(each.features, OpeningFeatures) and to_be_matched(each.features, today):
                found.leave_out(each.features, self._full_days.of(each.features, today))

    def _keep_full(
        self, full: Mapping[str, Sequence[str]], subjects: Sequence[Subject], today: date
    ) -> None:
        for each in subjects:
            if isinstance(each.features, OpeningFeatures) and each.event.id in full:
                self._full_days.add(each.features, full[each.event.id], today)

    async def _add_overlooked(
        self, edition: Edition, found: Candidates, subjects: Sequence[Subject], today: date
    ) -> None:
        """Add the pairs withdrawn today whose worker the search has left out."""
        overlooked = found.overlooked()
        ids = dict.fromkeys(id for each in overlooked.values() for id in each)
        known = await self._workers.newest(ids, edition.index(PROFILES.name))
        for subject in subjects:
            chosen = {id: known[id] for id in overlooked.get(subject.event.id, ()) if id in known}
            if chosen and isinstance(subject.features, OpeningFeatures):
                self._add_workers(found, subject.event.id, subject.features, chosen, today)

    async def _count(self, found: Candidates, since: datetime) -> MatchCounts:
        return await count_matches(
            self._elastic,
            found.openings,
            found.workers,
            since,
            budgets=found.budgets,
            exposure=True,
        )

    async def _subjects(self, edition: Edition, events: Sequence[Searchable]) -> list[Subject]:
        workers = [event.id for event in events if is_worker(event)]
        openings = [event.id for event in events if not is_worker(event)]
        found: tuple[Known, Known] = await asyncio.gather(
            self._openings.newest(openings, edition.index(OPENINGS.name)),
            self._workers.newest(workers, edition.index(PROFILES.name)),
        )
        subjects = []
        for event in events:
            known = found[is_worker(event)].get(event.id)
            if known is not None and known.version > event.version:
                COALESCED.inc()
                continue
            # Without features only existing matches are judged.
            features = known.value if known is not None else None
            erased = known is not None and features is None and is_worker(event)
            subjects.append(Subject(event, features, erased))
        return subjects

    async def _find(
        self, edition: Edition, found: Candidates, subjects: Sequence[Subject], today: date
    ) -> dict[str, Subject]:
        """Search candidates for the subjects, and add the eligible ones.

        Returns the openings with a full page of workers by id: a further search may find more.
        """
        searching: Sequence[Search] = [
            (each, found.left_out(each.event.id))
            for each in subjects
            if to_be_matched(each.features, today)
        ]
        full: dict[str, Subject] = {}
        for _ in range(MOST_SEARCHES):
            searching, found_full = await self._search(edition, found, searching, today)
            full |= found_full
            if not searching:
                break
        return full

    async def _search(
        self, edition: Edition, found: Candidates, searching: Sequence[Search], today: date
    ) -> tuple[list[Search], dict[str, Subject]]:
        """Search once for each subject, and add the eligible pairs.

        Returns the searches to repeat without the employers that crowd others out, and the openings
        with a full page of workers.
        """
        searches = [self._candidate_search(edition, *each, today) for each in searching]
        pages = await self._elastic.msearch(searches)
        again: list[Search] = []
        full: dict[str, Subject] = {}
        for (subject, without), page in zip(searching, pages, strict=True):
            crowding = self._add_eligible(edition, found, subject, page, today)
            if crowding:
                again.append((subject, without | crowding))
            if isinstance(subject.features, OpeningFeatures) and (
                len(page.hits) == self._search_size
            ):
                full[subject.event.id] = subject
        return again, full

    async def _add_existing(self, found: Candidates, subjects: Sequence[Subject]) -> None:
        """Add the subjects' existing matches: one search for the openings, one for the workers."""
        sides = by_side(subjects)
        searches = [existing_search(field, by_id) for field, by_id in sides]
        pages = await self._elastic.msearch(searches)
        for (field, by_id), search, page in zip(sides, searches, pages, strict=True):
            await self._add_pages(found, field, by_id, search, page)

    def _candidate_search(
        self, edition: Edition, subject: Subject, without: frozenset[str], today: date
    ) -> tuple[str, Json]:
        features = subject.features
        if isinstance(features, OpeningFeatures):
            body = queries.workers_for(features, today, self._search_size, without=without)
            return edition.index(PROFILES.name), body
        assert features is not None
        body = queries.openings_for(features, today, self._search_size, without=without)
        return edition.index(OPENINGS.name), body

    def _add_eligible(
        self, edition: Edition, found: Candidates, subject: Subject, page: Page, today: date
    ) -> frozenset[str]:
        """Add the eligible pairs of a page; return the employers that crowd others out of it."""
        features, least, most = subject.features, self._limits.least_score, len(page.hits)
        brought = {hit.id: hit.source for hit in page.hits}
        if isinstance(features, OpeningFeatures):
            workers = self._workers.brought(brought, edition.index(PROFILES.name))
            self._add_workers(found, subject.event.id, features, workers, today)
        elif features is not None:
            index = edition.index(OPENINGS.name)
            openings = _present(self._openings.brought(brought, index))
            for each in ranking.rank(features, openings, today, most, least, self._weights):
                found.add(
                    subject.event.id,
                    each.candidate,
                    features.id,
                    each.score,
                    each.unboosted,
                    near_home=near_home(each.candidate, features),
                    preceded=each.preceded,
                )
            if most == self._search_size:
                return crowding_employers(openings)
        return frozenset()

    def _add_workers(
        self,
        found: Candidates,
        subject: str,
        opening: OpeningFeatures,
        workers: Mapping[str, Versioned[WorkerFeatures]],
        today: date,
    ) -> None:
        """Add the eligible pairs of an opening with these workers."""
        present, least = _present(workers), self._limits.least_score
        for one in ranking.rank(opening, present, today, len(present), least, self._weights):
            found.add(
                subject,
                opening,
                one.candidate.id,
                one.score,
                one.unboosted,
                near_home=near_home(opening, one.candidate),
                preceded=one.preceded,
            )

    async def _add_pages(
        self,
        found: Candidates,
        field: str,
        by_id: Mapping[str, Subject],
        search: tuple[str, Json],
        page: Page,
    ) -> None:
        """Add the existing matches of a page and of those that follow it."""
        view, body = search
        while True:
            for hit in page.hits:
                subject = by_id[hit.source[field]]
                found.add_existing(subject.event.id, hit.source, erased=subject.erased)
            if len(page.hits) < EXISTING_PAGE_SIZE:
                return
            page = await self._elastic.search(view, body | {"search_after": page.hits[-1].sort})

    def _proposals(
        self, event: Searchable, pairs: Mapping[str, Sequence[str]], now: datetime
    ) -> list[Record]:
        return [
            self._proposal(event, opening_id, worker_ids[start : start + EXISTING_PAGE_SIZE], now)
            for opening_id, worker_ids in sorted(pairs.items())
            for start in range(0, len(worker_ids), EXISTING_PAGE_SIZE)
        ]

    def _proposal(
        self, event: Searchable, opening_id: str, worker_ids: Sequence[str], now: datetime
    ) -> Record:
        proposals = Proposals(
            opening_id=opening_id,
            worker_ids=tuple(worker_ids),
            subject=event.id,
            posted_at=event.posted_at,
            evaluated_at=now,
        )
        return record(proposals, opening_id, source="/streams/match", at=now)


def _present(found: Mapping[str, Versioned[T]]) -> list[T]:
    return [each.value for each in found.values() if each.value is not None]
