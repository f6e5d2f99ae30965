"""Healing after a kill: the end of `matches` is replayed into its view before a partition is used.

The queue stage sends a match before it writes the view. Killed in between, its record is ahead of
its view; replaying the newest records, which changes nothing where they stand already, makes both
equal again. No more than one batch can be in between.
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
from streams.views.projections import result_writes

_log = structlog.get_logger(__name__)

REPLAYED_RECORDS = 20_000
"""Records of one partition that are replayed: more than a batch can hold."""


class MatchRecovery:
    def __init__(self, elastic: Elastic, bootstrap_servers: Servers) -> None:
        self._elastic = elastic
        self._bootstrap_servers = bootstrap_servers
        self._healed: set[int] = set()

    def forget(self, partitions: Iterable[int]) -> None:
        """Another worker may use these from now on; heal them again when they come back."""
        self._healed -= set(partitions)

    async def ensure(self, partitions: Iterable[int]) -> None:
        missing = set(partitions) - self._healed
        if missing:
            await retry_transient("matches.heal", lambda: self._heal(missing))
            self._healed |= missing

    async def _heal(self, partitions: set[int]) -> None:
        replayed = 0
        async for batch in KafkaReader(self._bootstrap_servers).read_to_end(
            MATCHES, partitions=sorted(partitions), last=REPLAYED_RECORDS
        ):
            await self._elastic.write(result_writes(newest_readable(batch)))
            replayed += len(batch)
        _log.info("matches_healed", partitions=sorted(partitions), records=replayed)
