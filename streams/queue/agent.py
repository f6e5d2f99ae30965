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

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from matcher import ranking
from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.serving import serving_station
from roost.clock import Clock
from roost.events.envelope import Record, record, tombstone
from roost.events.match import Match, MatchAction, Outcome, Proposals
from roost.events.station import Station
from roost.ids import match_id, split_match_id
from roost.metrics import DECIDED, REFUSED_ACTIONS
from roost.topics import MATCH_ACTIONS, MATCHES, OPENINGS, PROFILES, PROPOSALS, Topic
from roost.views.elastic import Elastic, Json, Write
from streams.guard import patiently
from streams.incoming import Fact
from streams.projections import erased_write, match_write
from streams.queue import lifecycle
from streams.sender import Sends

SOURCE = "/streams/queue"
View = dict[tuple[str, str], Json]


class Stations(Protocol):
    """The registry of stations, as it is now."""

    async def all(self) -> Sequence[Station]: ...


class Recovery(Protocol):
    """Brings the view of a partition of `matches` up to its record."""

    async def ensure(self, partitions: Iterable[int]) -> None: ...


@dataclass(frozen=True, slots=True)
class Rules:
    model: str
    """Version of the similarity model and the weights, named on every match."""
    least_score: float


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

    async def handle(self, facts: Sequence[Fact[Any]]) -> None:
        await self._recovery.ensure({fact.origin.partition for fact in facts})
        view = await self._decide([fact.said for fact in facts])
        again = await self._changed_meanwhile(facts, view)
        while again:
            view = await self._decide(again)
            again = await self._changed_meanwhile_in(again, view)

    async def _decide(self, events: Sequence[Proposals | MatchAction]) -> View:
        """Steps 1 to 4; returns the openings and profiles that it was decided on."""
        stations = await self._stations.all()
        view = await patiently("queue.read", lambda: self._elastic.mget(_keys(events)))
        now = self._clock.now()
        changes = Changes(_standing(view), [], set())
        for event in events:
            if isinstance(event, Proposals):
                self._propose(event, view, stations, changes, now.date())
            else:
                self._act(event, changes)
        versions = await patiently("queue.send", lambda: self._sender.send(changes.records))
        await self._write(changes, versions)
        return view

    def _propose(
        self,
        proposals: Proposals,
        view: View,
        stations: Sequence[Station],
        changes: Changes,
        today: date,
    ) -> None:
        now = self._clock.now()
        opening = view.get((OPENINGS.name, proposals.opening_id))
        for worker_id in proposals.worker_ids:
            profile = view.get((PROFILES.name, worker_id))
            id = match_id(proposals.opening_id, worker_id)
            match = changes.matches.get(id)
            if profile is None or profile.get("erased"):
                if match is not None:
                    changes.erase(id, now)
                continue
            judgement = self._judgement(opening, profile, proposals, stations, today)
            changed = lifecycle.judge(match, proposals.opening_id, worker_id, judgement)
            if changed is not None:
                changes.put(changed, now)
                DECIDED.labels(changed.state).inc()

    def _judgement(
        self,
        opening: Json | None,
        profile: Json,
        proposals: Proposals,
        stations: Sequence[Station],
        today: date,
    ) -> lifecycle.Judgement:
        worker = WorkerFeatures.from_dict(profile["features"])
        features = (opening or {}).get("features")
        evaluation = (
            ranking.GONE
            if features is None
            else ranking.evaluate(OpeningFeatures.from_dict(features), worker, today)
        )
        return lifecycle.Judgement(
            evaluation=evaluation,
            opening_version=(opening or {}).get("version", 0),
            profile_version=profile["version"],
            station_id=serving_station(worker, stations),
            model=self._rules.model,
            posted_at=proposals.posted_at,
            evaluated_at=proposals.evaluated_at,
            least_score=self._rules.least_score,
        )

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
            made.key: version for made, version in zip(changes.records, versions, strict=True)
        }
        writes: list[Write] = []
        for id, version in newest.items():
            match = changes.matches[id]
            writes.append(
                erased_write(MATCHES.name, id, version)
                if match is None
                else match_write(match, version)
            )
        refusals = await patiently("queue.write", lambda: self._elastic.write(writes))
        if refusals:
            raise ValueError(f"The view refuses {len(refusals)} matches: {refusals[0].reason}")

    async def _changed_meanwhile(self, facts: Sequence[Fact[Any]], view: View) -> list[Proposals]:
        proposals = [fact.event for fact in facts if isinstance(fact.event, Proposals)]
        return await self._changed_meanwhile_in(proposals, view)

    async def _changed_meanwhile_in(
        self, proposals: Sequence[Proposals], view: View
    ) -> list[Proposals]:
        """Step 5: the proposals whose opening or workers have a newer version by now."""
        keys = [key for key in _keys(proposals) if key[0] != MATCHES.name]
        fresh = await patiently("queue.check", lambda: self._elastic.mget(keys, ("version",)))
        moved = {id for (name, id) in keys if _version(fresh, name, id) != _version(view, name, id)}
        again = []
        for event in proposals:
            workers = (
                event.worker_ids
                if event.opening_id in moved
                else tuple(worker for worker in event.worker_ids if worker in moved)
            )
            if workers:
                again.append(event.model_copy(update={"worker_ids": workers}))
        return again


def _keys(events: Sequence[Proposals | MatchAction]) -> list[tuple[str, str]]:
    """What has to be read: each opening, profile and match once."""
    keys: dict[tuple[str, str], None] = {}
    for event in events:
        if isinstance(event, Proposals):
            keys[OPENINGS.name, event.opening_id] = None
            for worker_id in event.worker_ids:
                keys[PROFILES.name, worker_id] = None
                keys[MATCHES.name, match_id(event.opening_id, worker_id)] = None
        else:
            split_match_id(event.match_id)
            keys[MATCHES.name, event.match_id] = None
    return list(keys)


def _standing(view: View) -> dict[str, Match | None]:
    return {
        id: Match.model_validate(document["fact"])
        for (name, id), document in view.items()
        if name == MATCHES.name and not document.get("erased")
    }


def _version(view: View, name: str, id: str) -> int:
    document = view.get((name, id))
    return document["version"] if document else 0
