"""Rows to learn from: the outcomes in `matches`, joined with the features in the views.

The topic holds the outcome of every pair. The features are the views' current ones; they may be
newer than the outcome, since a view keeps no history. An erased worker or opening has no features
and gives no row. Nothing is written: rows live as long as the command.
"""

from __future__ import annotations

from dataclasses import dataclass

from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.likeness import likeness_of
from matcher.match_outcomes import OutcomeRow, Verdict, row_of, verdict_on
from matcher.parts import parts_of
from matcher.precedents import skill_items, work_items
from roost.kafka.incoming import newest_readable
from roost.kafka.reader import KafkaReader
from roost.servers.connections import Servers
from roost.topics import MATCHES
from roost.views.elastic import Elastic
from streams.views.remembered_entities import remembered_openings, remembered_workers

MOST_ROWS = 50_000
"""Most rows, the newest ones: six weights learn nothing from more, and memory stays bounded."""
LOOKUP_SIZE = 500


@dataclass(frozen=True, slots=True)
class CollectedOutcomes:
    """Rows to learn from, and the numbers of outcomes that gave none."""

    rows: tuple[OutcomeRow, ...]
    gone: int
    """Outcomes without a row because the worker or the opening was erased."""
    dropped: int
    """Older outcomes beyond the limit."""


async def collect_outcomes(
    elastic: Elastic, bootstrap_servers: Servers, *, most: int = MOST_ROWS
) -> CollectedOutcomes:
    """Collect the rows of all outcomes. Raises Transient when a server is away."""
    verdicts, dropped = await _verdicts(bootstrap_servers, most)
    newest = sorted(verdicts.values(), key=_age_key)
    openings, workers = remembered_openings(elastic), remembered_workers(elastic)
    rows: list[OutcomeRow] = []
    people: dict[str, int] = {}
    for start in range(0, len(newest), LOOKUP_SIZE):
        page = newest[start : start + LOOKUP_SIZE]
        known_openings = await openings.newest(verdict.opening_id for verdict in page)
        known_workers = await workers.newest(verdict.worker_id for verdict in page)
        for verdict in page:
            opening = known_openings.get(verdict.opening_id)
            worker = known_workers.get(verdict.worker_id)
            if opening and opening.value and worker and worker.value:
                person = people.setdefault(verdict.worker_id, len(people))
                rows.append(_row(verdict, opening.value, worker.value, person))
    return CollectedOutcomes(tuple(rows), len(newest) - len(rows), dropped)


def _row(
    verdict: Verdict, opening: OpeningFeatures, worker: WorkerFeatures, person: int
) -> OutcomeRow:
    parts = parts_of(opening, worker, likeness_of(opening, worker))
    return row_of(verdict, parts, person, skill_items(worker), work_items(opening))


async def _verdicts(bootstrap_servers: Servers, most: int) -> tuple[dict[str, Verdict], int]:
    """Return the newest verdict on every match, and the number of dropped ones."""
    verdicts: dict[str, Verdict] = {}
    dropped = 0
    async for batch in KafkaReader(bootstrap_servers).read_to_end(MATCHES):
        for fact in newest_readable(batch):
            verdict = verdict_on(fact.event) if fact.event else None
            if verdict is None:
                verdicts.pop(fact.key, None)
            else:
                verdicts[fact.key] = verdict
        if len(verdicts) > 2 * most:
            dropped += _drop_oldest(verdicts, most)
    return verdicts, dropped + _drop_oldest(verdicts, most)


def _drop_oldest(verdicts: dict[str, Verdict], most: int) -> int:
    surplus = max(0, len(verdicts) - most)
    for id in sorted(verdicts, key=lambda id: _age_key(verdicts[id]))[:surplus]:
        del verdicts[id]
    return surplus


def _age_key(verdict: Verdict) -> tuple[object, ...]:
    return verdict.day, verdict.opening_id, verdict.worker_id
