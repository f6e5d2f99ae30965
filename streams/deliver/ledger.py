"""The ledger: the view `deliveries`, a row a notification and channel, and its record in Kafka.

A row changes by compare-and-set: its next revision is written only where that is higher than what
stands, so of two that would take the same row one does. What has to survive the view (that a row
waits, and how it ended) is said in the topic first; that it is being sent stands in the view alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import structlog

from roost.clock import Clock
from roost.events.dead_letter import DeadLetter, dead_letter_id
from roost.events.envelope import record
from roost.events.notification import Delivery, DeliveryStatus
from roost.events.preferences import ChannelKind
from roost.metrics import DEAD_LETTERED, DELIVERED, POSTED_TO_TOLD
from roost.topics import DELIVERIES
from roost.views.elastic import COLUMNS, Elastic, Json
from streams.guard import patiently
from streams.incoming import newest_readable
from streams.projections import delivery_write
from streams.records import read_topic
from streams.sender import Sends

_log = structlog.get_logger(__name__)
SOURCE = "/streams/deliver"
VIEW = DELIVERIES.name
DUE_AT_ONCE = 500
"""Rows of a channel that are fetched at a time."""
TAIL = 2_000
"""Records of a partition that are looked through for what the view missed."""


class Ledger:
    def __init__(
        self, elastic: Elastic, sender: Sends, clock: Clock, bootstrap_servers: str
    ) -> None:
        self._elastic = elastic
        self._sender = sender
        self._clock = clock
        self._servers = bootstrap_servers

    async def unknown(self, made: Sequence[Delivery]) -> list[Delivery]:
        """Those that have no row yet."""
        keys = [(VIEW, row.id) for row in made]
        there = await patiently("deliver.ledger", lambda: self._elastic.versions(keys))
        return [row for row in made if (VIEW, row.id) not in there]

    async def record(self, changed: Sequence[Delivery]) -> list[Delivery]:
        """Says rows in the topic, then writes them; returns those that another has not overtaken.

        Those that failed for good leave a dead letter.
        """
        if not changed:
            return []
        records = [record(row, row.notification.id, source=SOURCE, at=row.at) for row in changed]
        versions = await patiently("deliver.send", lambda: self._sender.send(records))
        await self._dead_letters(changed, versions)
        kept = await self.claim(changed)
        for row in kept:
            if row.status.final:
                DELIVERED.labels(row.channel, row.status).inc()
            if row.status is DeliveryStatus.SENT:
                POSTED_TO_TOLD.observe(row.posted_to_told_ms / 1000)
        return kept

    async def claim(self, changed: Sequence[Delivery]) -> list[Delivery]:
        """Writes rows to the view alone; returns those that were first."""
        if not changed:
            return []
        writes = [delivery_write(row) for row in changed]
        lost = await patiently("deliver.write", lambda: self._elastic.claim(writes))
        return [row for row in changed if row.id not in lost]

    async def rows(self, ids: Iterable[str]) -> dict[str, Delivery]:
        """As they stand now, searchable or not."""
        keys = [(VIEW, id) for id in ids]
        found = await patiently("deliver.read", lambda: self._elastic.mget(keys, ("fact",)))
        return {id: Delivery.model_validate(doc["fact"]) for (_, id), doc in found.items()}

    async def due(self, channel: ChannelKind, now: datetime) -> list[Delivery]:
        """Rows that wait and may go, the longest due first, those of one recipient together."""
        filters: list[Json] = [
            {"term": {"status": DeliveryStatus.WAITING.value}},
            {"term": {"channel": channel.value}},
            {"range": {"due_at": {"lte": now.isoformat()}}},
        ]
        return await self._found(filters, "due_at", "recipient_id")

    async def cut_off(self, now: datetime) -> list[Delivery]:
        """Rows whose sender has not come back within its lease, as the record tells them.

        What the topic says of them and the view has missed is written first.
        """
        filters: list[Json] = [
            {"term": {"status": DeliveryStatus.SENDING.value}},
            {"range": {"lease_until": {"lt": now.isoformat()}}},
        ]
        found = await self._found(filters, "lease_until", "recipient_id")
        if not found:
            return []
        await self._heal()
        fresh = await self.rows(row.id for row in found)
        return [
            row
            for row in fresh.values()
            if row.status is DeliveryStatus.SENDING and row.lease_until and row.lease_until < now
        ]

    async def last_sent(
        self, channel: ChannelKind, recipients: Iterable[str], since: datetime
    ) -> dict[str, datetime]:
        """When each recipient was last sent something on a channel, since a moment."""
        ids = sorted(set(recipients))
        body: Json = {
            **COLUMNS,
            "size": len(ids),
            "docvalue_fields": ["id", "recipient_id", "at"],
            "track_total_hits": False,
            "sort": [{"at": "desc"}],
            "collapse": {"field": "recipient_id"},
            "query": {
                "bool": {
                    "filter": [
                        {"terms": {"recipient_id": ids}},
                        {"term": {"channel": channel.value}},
                        {"term": {"status": DeliveryStatus.SENT.value}},
                        {"range": {"at": {"gte": since.isoformat()}}},
                    ]
                }
            },
        }
        if not ids:
            return {}
        page = await patiently("deliver.recent", lambda: self._elastic.search(VIEW, body))
        return {
            hit.source["recipient_id"]: datetime.fromisoformat(hit.source["at"])
            for hit in page.hits
        }

    async def _found(self, filters: list[Json], *by: str) -> list[Delivery]:
        body: Json = {
            "size": DUE_AT_ONCE,
            "_source": ["fact"],
            "sort": [{each: "asc"} for each in by],
            "track_total_hits": False,
            "query": {"bool": {"filter": filters}},
        }
        page = await patiently("deliver.due", lambda: self._elastic.search(VIEW, body))
        return [Delivery.model_validate(hit.source["fact"]) for hit in page.hits]

    async def _heal(self) -> None:
        """A kill between the record and the view leaves the view behind: bring it up."""
        async for batch in read_topic(self._servers, DELIVERIES, last=TAIL):
            writes = [delivery_write(fact.said) for fact in newest_readable(batch)]
            await patiently(
                "deliver.heal",
                lambda writes=writes: self._elastic.write(writes),  # type: ignore[misc]
            )

    async def _dead_letters(self, changed: Sequence[Delivery], versions: Sequence[int]) -> None:
        letters = [
            _letter(row, version)
            for row, version in zip(changed, versions, strict=True)
            if row.status in {DeliveryStatus.FAILED, DeliveryStatus.PARKED}
        ]
        records = [record(each, each.id, source=SOURCE, at=each.at) for each in letters]
        await patiently("dead-letters", lambda: self._sender.send(records))
        for each in letters:
            DEAD_LETTERED.labels("deliver", each.reason).inc()
            _log.warning("dead_letter", id=each.id, reason=each.reason, detail=each.detail)


async def outstanding(elastic: Elastic, now: datetime) -> int:
    """Deliveries that are due and have not ended: none when everything that may go out is out."""
    due: Json = {
        "bool": {
            "filter": [
                {"term": {"status": DeliveryStatus.WAITING.value}},
                {"range": {"due_at": {"lte": now.isoformat()}}},
            ]
        }
    }
    sending: Json = {"term": {"status": DeliveryStatus.SENDING.value}}
    await elastic.refresh(VIEW)
    return await elastic.count(VIEW, {"bool": {"should": [due, sending]}})


def _letter(row: Delivery, version: int) -> DeadLetter:
    partition = DELIVERIES.partition_of(row.notification.id)
    return DeadLetter(
        id=dead_letter_id(DELIVERIES.name, partition, version - 1, "deliver"),
        topic=DELIVERIES.name,
        partition=partition,
        offset=version - 1,
        stage="deliver",
        reason=f"{row.channel.value}-{row.status.value}",
        detail=row.detail,
        size=0,
        at=row.at,
        attempts=max(1, row.attempts),
    )
