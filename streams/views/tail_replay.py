"""Recovery after a kill: replays the end of a topic into its view before a stage goes on.

The queue and notify stages publish a record before they write it to the view. If one is killed in
between, the view is behind the topic by at most one batch. To replay the newest records brings the
view up to date, and changes nothing where it already is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence

import structlog

from roost.kafka.incoming import Incoming, newest_readable
from roost.kafka.reader import KafkaReader
from roost.servers.connections import Servers
from roost.topics import Topic
from roost.views.elastic import Elastic
from streams.kernel.retry import retry_transient
from streams.views.projections import Projection

_log = structlog.get_logger(__name__)


class TailReplay:
    """Replay of the partitions of a topic that this process has not replayed yet.

    The `last` records of a partition are replayed: more than a batch can produce.
    """

    def __init__(
        self,
        elastic: Elastic,
        bootstrap_servers: Servers,
        topic: Topic,
        project: Projection,
        *,
        last: int,
    ) -> None:
        self._elastic = elastic
        self._bootstrap_servers = bootstrap_servers
        self._topic = topic
        self._project = project
        self._last = last
        self._replayed: set[int] = set()

    def forget(self, partitions: Iterable[int]) -> None:
        """Replay these partitions again before their next use: another worker may own them now."""
        self._replayed -= set(partitions)

    async def ensure(self, partitions: Iterable[int]) -> None:
        """Replay the partitions that have not been replayed since they were assigned."""
        missing = set(partitions) - self._replayed
        if missing:
            await retry_transient(f"{self._topic.name}.replay", lambda: self._replay(missing))
            self._replayed |= missing

    async def _replay(self, partitions: set[int]) -> None:
        replayed = 0
        async for batch in self._newest(partitions):
            await self._elastic.write(self._project(newest_readable(batch)))
            replayed += len(batch)
        _log.info(f"{self._topic.name}_replayed", partitions=sorted(partitions), records=replayed)

    def _newest(self, partitions: set[int]) -> AsyncIterator[Sequence[Incoming]]:
        return KafkaReader(self._bootstrap_servers).read_to_end(
            self._topic, partitions=sorted(partitions), last=self._last
        )
