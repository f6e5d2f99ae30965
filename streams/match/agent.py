"""match: `searchable` ─► the views ─► `proposals`

For an opening the best workers, for a profile the best openings, and in both cases every active
match that already stands: what has to be judged again after an edit, a close or an erase. An
entity whose newer version is already in the view is passed over: its own event follows, so
several edits in a row are matched once. From time to time openings whose last day has passed are
said again to be searchable (`expiry`).

Commits after: the broker has acknowledged the proposals. A repeat proposes the same pairs again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

from matcher import queries, ranking
from matcher.features import OpeningFeatures, WorkerFeatures
from roost.clock import Clock
from roost.events.envelope import Record, record
from roost.events.match import Proposals
from roost.events.searchable import EntityKind, Searchable
from roost.metrics import COALESCED, EVALUATED
from roost.topics import MATCHES, OPENINGS, PROFILES, SEARCHABLE, Topic
from roost.views.elastic import COLUMNS, Elastic, Json, Page
from roost.views.remembered import Versioned
from streams.editions import Edition, Editions
from streams.guard import patiently
from streams.incoming import Fact
from streams.known import remembered_openings, remembered_workers
from streams.match.expiry import announce_expired
from streams.sender import Sends

T = TypeVar("T")
VIEW = {EntityKind.OPENING: OPENINGS.name, EntityKind.PROFILE: PROFILES.name}
LOOK_BACK = timedelta(days=2)
STANDING = 5_000
"""Standing matches read at once; a record of proposals holds as many workers."""


@dataclass(frozen=True, slots=True)
class Limits:
    per_opening: int
    per_worker: int
    least_score: float


@dataclass(frozen=True, slots=True)
class Subject:
    """An entity that has become searchable, with its features when it can be matched."""

    event: Searchable
    features: OpeningFeatures | WorkerFeatures | None


class MatchStage:
    name = "match"
    topics: tuple[Topic, ...] = (SEARCHABLE,)

    def __init__(
        self,
        elastic: Elastic,
        sender: Sends,
        clock: Clock,
        limits: Limits,
        search_size: int = 60,
    ) -> None:
        self._elastic = elastic
        self._sender = sender
        self._clock = clock
        self._limits = limits
        self._search_size = search_size
        self._swept: date | None = None
        self._editions = Editions(elastic)
        self._workers = remembered_workers(elastic)
        self._openings = remembered_openings(elastic)

    async def housekeeping(self) -> None:
        """Announces what has expired: everything after a start, then the last days only."""
        today = self._clock.now().date()
        since = None if self._swept is None else self._swept - LOOK_BACK
        await patiently(
            "match.expiry",
            lambda: announce_expired(self._elastic, self._sender, self._clock, since=since),
        )
        self._swept = today

    async def handle(self, facts: Sequence[Fact[Any]]) -> None:
        newest = {fact.key: fact.said for fact in facts}
        COALESCED.inc(len(facts) - len(newest))
        subjects, pairs = await self._editions.patiently(
            "match.search", lambda edition: self._look(edition, list(newest.values()))
        )
        records = [
            made
            for subject in subjects
            for made in self._proposals(subject.event, pairs[subject.event.id])
        ]
        await patiently("match.send", lambda: self._sender.send(records))
        for subject in subjects:
            EVALUATED.labels(subject.event.kind).inc()

    async def _look(
        self, edition: Edition, events: Sequence[Searchable]
    ) -> tuple[list[Subject], dict[str, set[tuple[str, str]]]]:
        subjects = await self._subjects(edition, events)
        return subjects, await self._pairs(edition, subjects)

    async def _subjects(self, edition: Edition, events: Sequence[Searchable]) -> list[Subject]:
        keys = [(edition.index(VIEW[event.kind]), event.id) for event in events]
        found = await self._elastic.mget(keys, ("version", "features"))
        subjects = []
        for event, key in zip(events, keys, strict=True):
            document = found.get(key)
            if document is not None and document["version"] > event.version:
                COALESCED.inc()
                continue
            subjects.append(Subject(event, _features(event.kind, document)))
        return subjects

    async def _pairs(
        self, edition: Edition, subjects: Sequence[Subject]
    ) -> dict[str, set[tuple[str, str]]]:
        """(opening, worker) pairs to be judged, for every subject."""
        if not subjects:
            return {}
        today = self._clock.now().date()
        await self._elastic.refresh(MATCHES.name)
        searching = [subject for subject in subjects if _to_be_matched(subject.features, today)]
        searches = [self._recall(edition, subject, today) for subject in searching]
        searches += [_standing(subject.event) for subject in subjects]
        pages = await self._elastic.msearch(searches)
        pairs: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for subject, page in zip(searching, pages, strict=False):
            pairs[subject.event.id] |= await self._best(edition, subject, page, today)
        for subject, page in zip(subjects, pages[len(searching) :], strict=True):
            pairs[subject.event.id] |= await self._all_standing(subject.event, page)
        return pairs

    def _recall(self, edition: Edition, subject: Subject, today: date) -> tuple[str, Json]:
        features = subject.features
        if isinstance(features, OpeningFeatures):
            body = queries.workers_for(features, today, self._search_size)
            return edition.index(PROFILES.name), body
        assert features is not None
        body = queries.openings_for(features, today, self._search_size)
        return edition.index(OPENINGS.name), body

    async def _best(
        self, edition: Edition, subject: Subject, page: Page, today: date
    ) -> set[tuple[str, str]]:
        limits, features = self._limits, subject.features
        versions = {hit.id: hit.source["version"] for hit in page.hits}
        if isinstance(features, OpeningFeatures):
            index = edition.index(PROFILES.name)
            workers = _present(await self._workers.at_least(versions, index))
            best = ranking.rank(features, workers, today, limits.per_opening, limits.least_score)
            return {(features.id, ranked.candidate.id) for ranked in best}
        assert features is not None
        index = edition.index(OPENINGS.name)
        openings = _present(await self._openings.at_least(versions, index))
        wanted = ranking.rank(features, openings, today, limits.per_worker, limits.least_score)
        return {(ranked.candidate.id, features.id) for ranked in wanted}

    async def _all_standing(self, event: Searchable, page: Page) -> set[tuple[str, str]]:
        pairs = {_pair(hit.source) for hit in page.hits}
        while len(page.hits) == STANDING:
            view, body = _standing(event)
            page = await self._elastic.search(view, body | {"search_after": page.hits[-1].sort})
            pairs |= {_pair(hit.source) for hit in page.hits}
        return pairs

    def _proposals(self, event: Searchable, pairs: Iterable[tuple[str, str]]) -> list[Record]:
        workers: dict[str, list[str]] = defaultdict(list)
        for opening_id, worker_id in sorted(pairs):
            workers[opening_id].append(worker_id)
        return [
            self._proposal(event, opening_id, worker_ids[start : start + STANDING])
            for opening_id, worker_ids in workers.items()
            for start in range(0, len(worker_ids), STANDING)
        ]

    def _proposal(self, event: Searchable, opening_id: str, worker_ids: list[str]) -> Record:
        now = self._clock.now()
        proposals = Proposals(
            opening_id=opening_id,
            worker_ids=tuple(worker_ids),
            subject=event.id,
            posted_at=event.posted_at,
            evaluated_at=now,
        )
        return record(proposals, opening_id, source="/streams/match", at=now)


def _features(kind: EntityKind, document: Json | None) -> OpeningFeatures | WorkerFeatures | None:
    """None when it is erased or can no longer be matched: only standing matches are judged."""
    features = (document or {}).get("features")
    if features is None:
        return None
    if kind is EntityKind.OPENING:
        return OpeningFeatures.from_dict(features)
    return WorkerFeatures.from_dict(features)


def _to_be_matched(features: OpeningFeatures | WorkerFeatures | None, today: date) -> bool:
    """Whether a search may find anything; else only standing matches are judged."""
    if isinstance(features, OpeningFeatures) and features.last_day < today.toordinal():
        return False
    return features is not None and features.active


def _present(found: Mapping[str, Versioned[T]]) -> list[T]:
    return [each.value for each in found.values() if each.value is not None]


def _standing(event: Searchable) -> tuple[str, Json]:
    field = "opening_id" if event.kind is EntityKind.OPENING else "worker_id"
    return MATCHES.name, {
        **COLUMNS,
        "size": STANDING,
        "docvalue_fields": ["id", "opening_id", "worker_id"],
        "track_total_hits": False,
        "query": {"bool": {"filter": [{"term": {field: event.id}}, {"term": {"active": True}}]}},
        "sort": [{"id": "asc"}],
    }


def _pair(source: Json) -> tuple[str, str]:
    return source["opening_id"], source["worker_id"]
