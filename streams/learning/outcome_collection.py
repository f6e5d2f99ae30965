"""Rows to learn from: outcomes from the topic `matches` with features from the views.

The topic, read to its end, gives the outcome of each pair; the views give its current features.
They may be newer than the outcome, since a view keeps no history. An erased worker or opening has
none, so it gives no row. Rows live only as long as the command: nothing is written.
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
"""Most rows, the newest first: more add no information about six weights, and cost memory."""
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Collected:
    """Rows to learn from, with counts of the outcomes left out."""

    rows: tuple[OutcomeRow, ...]
    gone: int
    """Outcomes without a row, because the worker or the opening was erased."""
    dropped: int
    """Older outcomes beyond the maximum."""


async def collect(
    elastic: Elastic, bootstrap_servers: Servers, *, most: int = MOST_ROWS
) -> Collected:
    """Collect the rows of all outcomes. Raises Transient when a server is unavailable."""
    verdicts, dropped = await _verdicts(bootstrap_servers, most)
    newest = sorted(verdicts.values(), key=_place)
    openings, workers = remembered_openings(elastic), remembered_workers(elastic)
    rows: list[OutcomeRow] = []
    for start in range(0, len(newest), AT_ONCE):
        some = newest[start : start + AT_ONCE]
        known_openings = await openings.newest(verdict.opening_id for verdict in some)
        known_workers = await workers.newest(verdict.worker_id for verdict in some)
        for verdict in some:
            opening = known_openings.get(verdict.opening_id)
            worker = known_workers.get(verdict.worker_id)
            if opening and opening.value and worker and worker.value:
                likeness = likeness_of(opening.value, worker.value)
                rows.append(row_of(verdict, parts_of(opening.value, worker.value, likeness)))
    return Collected(tuple(rows), len(newest) - len(rows), dropped)


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
    for id in sorted(verdicts, key=lambda id: _place(verdicts[id]))[:surplus]:
        del verdicts[id]
    return surplus


def _place(verdict: Verdict) -> tuple[object, ...]:
    return verdict.day, verdict.opening_id, verdict.worker_id
