"""`matches`, to its end ─► outcomes ─► with the views' features ─► rows to learn from

The topic says what people made of a pair; the features are those that stand in the views now.
They may be newer than the outcome, since a view keeps no history. An erased worker or opening
has none, so gives no row. Rows live as long as the command: nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass

from matcher.outcomes import OutcomeRow, Verdict, row_of, verdict_on
from matcher.parts import likeness_of, parts_of
from roost.kafka.incoming import newest_readable
from roost.kafka.reader import KafkaReader
from roost.servers.connections import Servers
from roost.topics import MATCHES
from roost.views.elastic import Elastic
from streams.views.remembered_entities import remembered_openings, remembered_workers

MOST_ROWS = 50_000
"""Rows at most, the newest: more teach six weights nothing, and memory stays bounded."""
LOOKUP_SIZE = 500


@dataclass(frozen=True, slots=True)
class CollectedOutcomes:
    rows: tuple[OutcomeRow, ...]
    gone: int
    """Outcomes without a row: the worker or the opening has been erased."""
    dropped: int
    """Older outcomes beyond the most that are kept."""


async def collect_outcomes(
    elastic: Elastic, bootstrap_servers: Servers, *, most: int = MOST_ROWS
) -> CollectedOutcomes:
    """The rows of all outcomes. Raises Transient when a server is away."""
    verdicts, dropped = await _verdicts(bootstrap_servers, most)
    newest = sorted(verdicts.values(), key=_place)
    openings, workers = remembered_openings(elastic), remembered_workers(elastic)
    rows: list[OutcomeRow] = []
    for start in range(0, len(newest), LOOKUP_SIZE):
        some = newest[start : start + LOOKUP_SIZE]
        known_openings = await openings.newest(verdict.opening_id for verdict in some)
        known_workers = await workers.newest(verdict.worker_id for verdict in some)
        for verdict in some:
            opening = known_openings.get(verdict.opening_id)
            worker = known_workers.get(verdict.worker_id)
            if opening and opening.value and worker and worker.value:
                likeness = likeness_of(opening.value, worker.value)
                rows.append(row_of(verdict, parts_of(opening.value, worker.value, likeness)))
    return CollectedOutcomes(tuple(rows), len(newest) - len(rows), dropped)


async def _verdicts(bootstrap_servers: Servers, most: int) -> tuple[dict[str, Verdict], int]:
    """The newest verdict on every match, and how many were dropped."""
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
    for id in sorted(verdicts, key=lambda id: _place(verdicts[id]))[:surplus]:
        del verdicts[id]
    return surplus


def _place(verdict: Verdict) -> tuple[object, ...]:
    return verdict.day, verdict.opening_id, verdict.worker_id
