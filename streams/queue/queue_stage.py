"""The queue stage: from `proposals`, `match-actions` and `slots` to `matches`, views, `searchable`.

It is the only writer of matches. All inputs are partitioned by opening, so one worker sees every
event of a match in order, and the places of the opening and of each interview slot are kept
exactly. For each batch:

0. Write the changed slots to their view.
1. Read the current matches, openings and profiles (searchable or not). Where places matter, count
   the openings' active matches and the workers' matches of today.
2. Decide (`batch`, `lifecycle`, `action_effects`), event by event.
3. Send the changed matches; the broker's acknowledgement gives their versions.
4. Write them to the view.
5. Read the versions of the openings and profiles again. If one has changed meanwhile, judge its
   pairs again. Either this check sees the change, or the matching of that change, which starts once
   it is searchable, sees the match in the view. So no withdrawal is missed. A match revived by an
   undo is judged again as well: it was not judged while it had ended.
6. Publish as searchable the openings with places to fill or a reached headcount, and the workers
   who were held back, so that they are matched again.

Periodic work publishes actions that end unanswered questions about sharing (`sharing_deadlines`).

A batch is committed after step 6. After a kill between steps 3 and 4, the end of `matches` is
replayed into the view before the next batch of that partition (`TailReplay`). After a kill between
steps 4 and 6, the repeated batch publishes the same events.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from roost.events.envelope import record, value_of
from roost.events.match import Match, MatchAction, Proposals
from roost.events.searchable import Searchable
from roost.events.station import Station
from roost.ids import match_id, split_match_id
from roost.kafka.incoming import Fact
from roost.kafka.ports import Partition, Producer
from roost.metrics import DECIDED, HELD_BACK, MATCHED_AGAIN, REFUSED_ACTIONS
from roost.time.clock import Clock, day_of, is_late, start_of_day
from roost.topics import MATCH_ACTIONS, MATCHES, OPENINGS, PROFILES, PROPOSALS, SLOTS, Topic
from roost.views.elastic import Elastic, Json, Write
from streams.kernel.retry import retry_transient
from streams.queue.batch import ABSENT, FREEING, SOURCE, Batch
from streams.queue.batch_evidence import Evidence, QueueRules
from streams.queue.match_projection import match_write
from streams.queue.sharing_deadlines import lapsed_questions, lapses
from streams.queue.slot_bookings import SlotChange, project_slots, slot_changes
from streams.queue.slot_evidence import SlotReader, uses_slots
from streams.views.counts import MatchCounts, count_matches
from streams.views.editions import Edition, Editions
from streams.views.projections import VIEW_OF_KIND, Recovery, erased_write
from streams.views.remembered_entities import (
    EntityMemory,
    remembered_openings,
    remembered_workers,
)
from streams.views.taken_writes import check_taken

QueueEvent = Proposals | MatchAction | SlotChange
"""Input of the stage, as it decides on it."""


class Stations(Protocol):
    """The current registry of stations."""

    async def all(self) -> Sequence[Station]: ...


class QueueStage:
    """The stage that decides on matches."""

    name = "queue"
    topics: tuple[Topic, ...] = (PROPOSALS, MATCH_ACTIONS, SLOTS)
    housekeeping_s = 60.0

    def __init__(
        self,
        elastic: Elastic,
        sender: Producer,
        clock: Clock,
        rules: QueueRules,
        zone: ZoneInfo,
        stations: Stations,
        recovery: Recovery,
        memory: EntityMemory | None = None,
    ) -> None:
        self._elastic = elastic
        self._sender = sender
        self._clock = clock
        self._rules = rules
        self._zone = zone
        self._stations = stations
        self._recovery = recovery
        self._editions = Editions(elastic)
        self._slots = SlotReader(elastic)
        self._openings = remembered_openings(elastic, memory)
        self._workers = remembered_workers(elastic, memory)

    def forget(self, partitions: Collection[Partition]) -> None:
        """Replay these partitions of `matches` again before they are next used."""
        topics = {topic.name for topic in self.topics}
        self._recovery.forget(number for topic, number in partitions if topic in topics)

    async def handle(self, facts: Sequence[Fact[Any]]) -> None:
        await self._recovery.ensure({fact.origin.partition for fact in facts})
        await self._write_slots([fact for fact in facts if fact.origin.topic is SLOTS])
        events: list[QueueEvent] = [
            *slot_changes(facts),
            *(fact.required_event for fact in facts if fact.origin.topic is not SLOTS),
        ]
        again: dict[str, Searchable] = {}
        versions: dict[str, int] = {}
        while events:
            evidence = await self._evidence(events)
            batch = await self._decide(events, evidence)
            again |= {each.id: each for each in batch.again}
            changed, seen = await self._changed_meanwhile(events, evidence)
            versions |= seen
            events = [*batch.revived, *changed]
        await self._match_again(list(again.values()), versions)

    async def housekeeping(self) -> None:
        """Publish the end of each question about sharing that was not answered in time.

        The stage decides on these actions as on all others, when it reads them; it commits nothing
        here. A repeat has the same id and changes nothing.
        """
        now = self._clock.now()
        hits = await retry_transient("queue.lapsed", lambda: lapsed_questions(self._elastic, now))
        records = lapses(hits, SOURCE, now)
        if records:
            await retry_transient("queue.lapse", lambda: self._sender.publish(records))

    async def _decide(self, events: Sequence[QueueEvent], evidence: Evidence) -> Batch:
        """Decide on the events, send the records and write the view (steps 2 to 4)."""
        now = self._clock.now()
        batch = Batch(self._rules, evidence, now, day_of(now, self._zone))
        for event in events:
            match event:
                case Proposals():
                    batch.propose(event)
                case SlotChange():
                    batch.follow(event)
                case _:
                    batch.act(event)
        positions = await retry_transient("queue.send", lambda: self._sender.publish(batch.records))
        await self._write(batch, [each.version for each in positions])
        _count_decisions(batch)
        return batch

    async def _evidence(self, events: Sequence[QueueEvent]) -> Evidence:
        """Read the evidence on one edition of the views (step 1)."""
        stations, evidence = await asyncio.gather(
            self._stations.all(),
            self._editions.run_on_current(
                "queue.read", lambda edition: self._read(edition, events)
            ),
        )
        return replace(evidence, stations=stations)

    async def _read(
        self,
        edition: Edition,
        events: Sequence[QueueEvent],
    ) -> Evidence:
        """Return all evidence but the stations."""
        openings, workers, matches = _ids_of(events)
        newest = self._newest(events)
        since = start_of_day(newest, self._zone)
        needs_counts = _needs_counts(events)
        known, people, existing, _ = await asyncio.gather(
            self._openings.newest(openings, edition.index(OPENINGS.name)),
            self._workers.newest(workers, edition.index(PROFILES.name)),
            self._elastic.mget([(MATCHES.name, id) for id in matches], ("fact", "erased")),
            # So that this worker's earlier writes are counted.
            self._elastic.refresh(*([MATCHES.name] if needs_counts or uses_slots(events) else [])),
        )
        stored = _existing_matches(existing)
        slots, booked = await self._slots.read(events, (each for each in stored.values() if each))
        counts = MatchCounts()
        if needs_counts:
            budgets = sorted({each.value.budgets for each in known.values() if each.value})
            counts = await count_matches(
                self._elastic, list(openings), list(workers), since, budgets=budgets
            )
        return Evidence(
            known,
            people,
            booked | stored,
            counts,
            since,
            (),
            edition.model,
            is_late(newest, self._zone, self._rules.reserve_opens),
            slots,
        )

    def _newest(self, events: Sequence[QueueEvent]) -> datetime:
        """Return the newest time of evaluation: shares count in the match stage's day."""
        evaluated = [event.evaluated_at for event in events if isinstance(event, Proposals)]
        return max(evaluated, default=self._clock.now())

    async def _match_again(self, events: Sequence[Searchable], versions: Mapping[str, int]) -> None:
        """Publish entities to be matched again, at their current versions (step 6).

        The match stage skips a version older than the view's, since the newer version's event
        follows. That is certain only for a version that was not in the view when the matches were
        written. `versions` were read after that (step 5); the others are read here.
        """
        keys = {
            event.id: (VIEW_OF_KIND[event.kind], event.id)
            for event in events
            if event.id not in versions
        }
        read = await retry_transient(
            "queue.fresh", lambda: self._elastic.versions(list(keys.values()))
        )
        fresh = {**versions, **{id: version for (_, id), version in read.items()}}
        now = self._clock.now()
        renewed = [
            event.model_copy(update={"version": fresh.get(event.id, event.version)})
            for event in events
        ]
        records = [record(event, event.id, source=SOURCE, at=now) for event in renewed]
        await retry_transient("queue.again", lambda: self._sender.publish(records))
        MATCHED_AGAIN.inc(len(records))

    async def _write_slots(self, facts: Sequence[Fact[Any]]) -> None:
        """Write the changed slots to their view (step 0); a repeat writes the same versions."""
        writes = project_slots(facts)
        if writes:
            refusals = await retry_transient("queue.slots", lambda: self._elastic.write(writes))
            check_taken(refusals, "slots")

    async def _write(self, batch: Batch, versions: Sequence[int]) -> None:
        newest = {
            sent.key: (sent, version) for sent, version in zip(batch.records, versions, strict=True)
        }
        writes: list[Write] = []
        for id, (sent, version) in newest.items():
            match = batch.matches[id]
            writes.append(
                erased_write(MATCHES.name, id, version)
                if match is None
                else match_write(match, value_of(sent), version)
            )
        refusals = await retry_transient("queue.write", lambda: self._elastic.write(writes))
        check_taken(refusals, "matches")

    async def _changed_meanwhile(
        self, events: Sequence[QueueEvent], evidence: Evidence
    ) -> tuple[list[QueueEvent], dict[str, int]]:
        """Return the proposals whose opening or workers have a newer version by now (step 5).

        Returns the versions as well, of every opening and worker of a proposal.
        """
        proposals = [event for event in events if isinstance(event, Proposals)]
        openings, workers, _ = _ids_of(proposals)
        used = {
            (OPENINGS.name, id): evidence.openings.get(id, ABSENT).version for id in openings
        } | {(PROFILES.name, id): evidence.workers.get(id, ABSENT).version for id in workers}
        fresh = await retry_transient("queue.check", lambda: self._elastic.versions(list(used)))
        moved = {key[1] for key, version in used.items() if fresh.get(key, 0) != version}
        again: list[QueueEvent] = []
        for event in proposals:
            concerned = (
                event.worker_ids
                if event.opening_id in moved
                else tuple(worker for worker in event.worker_ids if worker in moved)
            )
            if concerned:
                again.append(event.model_copy(update={"worker_ids": concerned}))
        return again, {id: version for (_, id), version in fresh.items()}


def _count_decisions(batch: Batch) -> None:
    for match in batch.decided:
        DECIDED.labels(match.state).inc()
    for action in batch.refused:
        REFUSED_ACTIONS.labels(action.kind).inc()
    for by, pairs in batch.held_back.items():
        HELD_BACK.labels(by).inc(pairs)


def _needs_counts(events: Iterable[QueueEvent]) -> bool:
    """Return whether any event depends on free places.

    A call or a claim does not: it skips the refresh, so that colleagues see it at once.
    """
    return any(
        isinstance(event, Proposals) or (isinstance(event, MatchAction) and event.kind in FREEING)
        for event in events
    )


def _ids_of(
    events: Sequence[QueueEvent],
) -> tuple[dict[str, None], dict[str, None], dict[str, None]]:
    """Return the distinct ids of the openings, workers and matches to read, in order."""
    openings: dict[str, None] = {}
    workers: dict[str, None] = {}
    matches: dict[str, None] = {}
    for event in events:
        if isinstance(event, Proposals):
            openings[event.opening_id] = None
            for worker_id in event.worker_ids:
                workers[worker_id] = None
                matches[match_id(event.opening_id, worker_id)] = None
        elif isinstance(event, MatchAction):
            openings[split_match_id(event.match_id)[0]] = None
            matches[event.match_id] = None
    return openings, workers, matches


def _existing_matches(documents: dict[tuple[str, str], Json]) -> dict[str, Match | None]:
    return {
        id: Match.from_stored(document["fact"])
        for (_, id), document in documents.items()
        if not document.get("erased")
    }
