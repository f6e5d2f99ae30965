"""Recovery after a kill: replays the end of `matches` into its view before a partition is used.

The queue stage sends a match before it writes it to the view. If it is killed in between, the view
is behind the topic by at most one batch. To replay the newest records brings the view up to date,
and changes nothing where it already is.
"""

from __future__ import annotations

from collections.abc import Iterable

import structlog

from roost.kafka.incoming import newest_readable
from roost.kafka.reader import KafkaReader
from roost.servers.connections import Servers
from roost.topics import MATCHES
from roost.views.elastic import Elastic
from streams.kernel.retry import retry_transient
from streams.queue.match_projection import project_matches

_log = structlog.get_logger(__name__)

REPLAYED_RECORDS = 20_000
"""Newest records of a partition that are replayed: more than a batch can produce."""


class MatchRecovery:
    """Replay of the partitions of `matches` that this process has not replayed yet."""

    def __init__(self, elastic: Elastic, bootstrap_servers: Servers) -> None:
        self._elastic = elastic
        self._bootstrap_servers = bootstrap_servers
        self._replayed: set[int] = set()

    def forget(self, partitions: Iterable[int]) -> None:
        """Replay these partitions again before their next use: another worker may own them now."""
        self._replayed -= set(partitions)

    async def ensure(self, partitions: Iterable[int]) -> None:
        """Replay the partitions that have not been replayed since they were assigned."""
        missing = set(partitions) - self._replayed
        if missing:
            await retry_transient("matches.replay", lambda: self._replay(missing))
            self._replayed |= missing

    async def _replay(self, partitions: set[int]) -> None:
        replayed = 0
        async for batch in KafkaReader(self._bootstrap_servers).read_to_end(
            MATCHES, partitions=sorted(partitions), last=REPLAYED_RECORDS
        ):
            await self._elastic.write(project_matches(newest_readable(batch)))
            replayed += len(batch)
        _log.info("matches_replayed", partitions=sorted(partitions), records=replayed)
