"""queue: `proposals`, `match-actions` ─► decides ─► `matches` ─► view

The only writer of matches. Both inputs go to the partition of their opening, so one worker sees
everything about a match, in order.

1. read the matches, openings and profiles concerned, as they are now (searchable or not)
2. decide (`lifecycle`), event by event
3. send the changed matches; the broker's acknowledgement gives their versions
4. write them to the view
5. look again at the versions of the openings and profiles: if one has changed meanwhile, judge its
   pairs once more. Either this look sees the change, or the matching of that change, which comes
   after it is searchable, sees the match in the view: so no withdrawal is missed.

Commits after 5. A kill between 3 and 4 is healed before the next batch of that partition: the end
of `matches` is replayed into the view (`Recovery`), so that the state is what the record says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from matcher import ranking
from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.serving import serving_station
from roost.clock import Clock
from roost.events.envelope import Record, record, said, tombstone
from roost.events.match import Match, MatchAction, Outcome, Proposals
from roost.events.station import Station
from roost.ids import match_id, split_match_id
from roost.metrics import DECIDED, REFUSED_ACTIONS
from roost.topics import MATCH_ACTIONS, MATCHES, OPENINGS, PROFILES, PROPOSALS, Topic
from roost.views.elastic import Elastic, Json, Write
from roost.views.remembered import Versioned
from streams.editions import Edition, Editions
from streams.guard import patiently
from streams.incoming import Fact
from streams.known import remembered_openings, remembered_workers
from streams.projections import erased_write, match_write
from streams.queue import lifecycle
from streams.sender import Sends

SOURCE = "/streams/queue"
ABSENT: Versioned[Any] = Versioned(0, None)


class Stations(Protocol):
    """The registry of stations, as it is now."""

    async def all(self) -> Sequence[Station]: ...


class Recovery(Protocol):
    """Brings the view of a partition of `matches` up to its record."""

    async def ensure(self, partitions: Iterable[int]) -> None: ...


@dataclass(frozen=True, slots=True)
class Rules:
    ranking: str
    """Version of the weights, named on every match beside that of the similarity model."""
    least_score: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a batch is decided on, by id: openings, workers and matches as they are now."""

    openings: dict[str, Versioned[OpeningFeatures]]
    workers: dict[str, Versioned[WorkerFeatures]]
    matches: dict[str, Match | None]
    model: str
    """Version of the similarity model that made the vectors of all of them."""


@dataclass(slots=True)
class Changes:
    """What a batch has decided so far: the matches as they would be, and the records to send."""

    matches: dict[str, Match | None]
    records: list[Record]
    erased: set[str]

    def put(self, match: Match, now: Any) -> None:
        self.matches[match.id] = match
        self.records.append(record(match, match.id, source=SOURCE, at=now))

    def erase(self, id: str, now: Any) -> None:
        self.matches[id] = None
        self.erased.add(id)
        self.records.append(tombstone(MATCHES, id, source=SOURCE, at=now))


class QueueStage:
    name = "queue"
    topics: tuple[Topic, ...] = (PROPOSALS, MATCH_ACTIONS)

    def __init__(
        self,
        elastic: Elastic,
        sender: Sends,
        clock: Clock,
        rules: Rules,
        stations: Stations,
        recovery: Recovery,
    ) -> None:
        self._elastic = elastic
        self._sender = sender
        self._clock = clock
        self._rules = rules
        self._stations = stations
        self._recovery = recovery
        self._editions = Editions(elastic)
        self._openings = remembered_openings(elastic)
        self._workers = remembered_workers(elastic)

    async def handle(self, facts: Sequence[Fact[Any]]) -> None:
        await self._recovery.ensure({fact.origin.partition for fact in facts})
        events = [fact.said for fact in facts]
        while events:
            evidence = await self._decide(events)
            events = await self._changed_meanwhile(events, evidence)

    async def _decide(self, events: Sequence[Proposals | MatchAction]) -> Evidence:
        """Steps 1 to 4; returns what it was decided on."""
        stations = await self._stations.all()
        evidence = await self._editions.patiently(
            "queue.read", lambda edition: self._read(edition, events)
        )
        now = self._clock.now()
        changes = Changes(evidence.matches, [], set())
        for event in events:
            if isinstance(event, Proposals):
                self._propose(event, evidence, stations, changes, now.date())
            else:
                self._act(event, changes)
        versions = await patiently("queue.send", lambda: self._sender.send(changes.records))
        await self._write(changes, versions)
        return evidence

    async def _read(self, edition: Edition, events: Sequence[Proposals | MatchAction]) -> Evidence:
        openings, workers, matches = _concerned(events)
        found = await asyncio.gather(
            self._openings.newest(openings, edition.index(OPENINGS.name)),
            self._workers.newest(workers, edition.index(PROFILES.name)),
            self._elastic.mget([(MATCHES.name, id) for id in matches], ("fact", "erased")),
        )
        return Evidence(found[0], found[1], _standing(found[2]), edition.model)

    def _propose(
        self,
        proposals: Proposals,
        evidence: Evidence,
        stations: Sequence[Station],
        changes: Changes,
        today: date,
    ) -> None:
        now = self._clock.now()
        opening = evidence.openings.get(proposals.opening_id, ABSENT)
        for worker_id in proposals.worker_ids:
            worker = evidence.workers.get(worker_id)
            id = match_id(proposals.opening_id, worker_id)
            match = changes.matches.get(id)
            if worker is None or worker.value is None:
                if match is not None:
                    changes.erase(id, now)
                continue
            judgement = lifecycle.Judgement(
                evaluation=ranking.evaluate(opening.value, worker.value, today),
                opening_version=opening.version,
                profile_version=worker.version,
                station_id=serving_station(worker.value, stations),
                model=f"{evidence.model}/{self._rules.ranking}",
                posted_at=proposals.posted_at,
                evaluated_at=proposals.evaluated_at,
                least_score=self._rules.least_score,
            )
            changed = lifecycle.judge(match, proposals.opening_id, worker_id, judgement)
            if changed is not None:
                changes.put(changed, now)
                DECIDED.labels(changed.state).inc()

    def _act(self, action: MatchAction, changes: Changes) -> None:
        match = changes.matches.get(action.match_id)
        if match is None:
            REFUSED_ACTIONS.labels(action.kind).inc()
            return
        changed = lifecycle.act(match, action)
        if changed is None:
            return
        changes.put(changed, self._clock.now())
        if changed.history[-1].outcome is Outcome.REFUSED:
            REFUSED_ACTIONS.labels(action.kind).inc()
        else:
            DECIDED.labels(changed.state).inc()

    async def _write(self, changes: Changes, versions: Sequence[int]) -> None:
        newest = {
            made.key: (made, version)
            for made, version in zip(changes.records, versions, strict=True)
        }
        writes: list[Write] = []
        for id, (made, version) in newest.items():
            match = changes.matches[id]
            writes.append(
                erased_write(MATCHES.name, id, version)
                if match is None
                else match_write(match, said(made), version)
            )
        refusals = await patiently("queue.write", lambda: self._elastic.write(writes))
        if refusals:
            raise ValueError(f"The view refuses {len(refusals)} matches: {refusals[0].reason}")

    async def _changed_meanwhile(
        self, events: Sequence[Proposals | MatchAction], evidence: Evidence
    ) -> list[Proposals | MatchAction]:
        """Step 5: the proposals whose opening or workers have a newer version by now."""
        proposals = [event for event in events if isinstance(event, Proposals)]
        openings, workers, _ = _concerned(proposals)
        used = {
            (OPENINGS.name, id): evidence.openings.get(id, ABSENT).version for id in openings
        } | {(PROFILES.name, id): evidence.workers.get(id, ABSENT).version for id in workers}
        fresh = await patiently("queue.check", lambda: self._elastic.versions(list(used)))
        moved = {key[1] for key, version in used.items() if fresh.get(key, 0) != version}
        again: list[Proposals | MatchAction] = []
        for event in proposals:
            concerned = (
                event.worker_ids
                if event.opening_id in moved
                else tuple(worker for worker in event.worker_ids if worker in moved)
            )
            if concerned:
                again.append(event.model_copy(update={"worker_ids": concerned}))
        return again


def _concerned(
    events: Sequence[Proposals | MatchAction],
) -> tuple[dict[str, None], dict[str, None], dict[str, None]]:
    """The ids of the openings, workers and matches that have to be read, each once, in order."""
    openings: dict[str, None] = {}
    workers: dict[str, None] = {}
    matches: dict[str, None] = {}
    for event in events:
        if isinstance(event, Proposals):
            openings[event.opening_id] = None
            for worker_id in event.worker_ids:
                workers[worker_id] = None
                matches[match_id(event.opening_id, worker_id)] = None
        else:
            split_match_id(event.match_id)
            matches[event.match_id] = None
    return openings, workers, matches


def _standing(documents: dict[tuple[str, str], Json]) -> dict[str, Match | None]:
    return {
        id: Match.model_validate(document["fact"])
        for (_, id), document in documents.items()
        if not document.get("erased")
    }
