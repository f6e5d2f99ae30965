"""The ledger: the view `deliveries`, one row per notification and channel, and its topic.

A row changes by compare-and-set: its next revision is written only if it is higher than the stored
one, so of two processes that claim a row one wins. A state that must survive the view (waiting, or
the outcome) is published to the topic first; a claim is written to the view alone. The claim of a
row that was just planned is its first write to the view (ADR 67).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import datetime

import structlog

from roost.events.dead_letter import DeadLetter, given_up_id
from roost.events.envelope import record, value_of
from roost.events.notification import Delivery, DeliveryStatus
from roost.events.preferences import ChannelKind
from roost.kafka.incoming import Incoming, newest_readable
from roost.kafka.ports import Producer
from roost.kafka.reader import KafkaReader
from roost.metrics import DEAD_LETTERED, DELIVERED, MESSAGE_COST, POSTED_TO_TOLD
from roost.servers.connections import Servers
from roost.time.clock import Clock
from roost.topics import DELIVERIES
from roost.views.elastic import COLUMNS, Elastic, Json
from streams.deliver.delivery_projection import delivery_write
from streams.deliver.due_pages import DUE_AT_ONCE, due_pages, without_split_messages
from streams.deliver.due_queue import InHand
from streams.deliver.unwritten_rows import UnwrittenRows
from streams.kernel.retry import retry_transient

_log = structlog.get_logger(__name__)
SOURCE = "/streams/deliver"
VIEW = DELIVERIES.name
TAIL = 2_000
"""Newest records of each partition that are compared with the view to repair it."""
CLAIMED_WITHIN_S = 0.25
"""Longest wait of a plan for the claims of its rows, before it writes them itself."""


class Ledger:
    """The rows of deliveries in the view and the topic."""

    def __init__(
        self, elastic: Elastic, sender: Producer, clock: Clock, bootstrap_servers: Servers
    ) -> None:
        self._elastic = elastic
        self._sender = sender
        self._clock = clock
        self._servers = bootstrap_servers
        self._unwritten = UnwrittenRows()

    async def unknown(self, made: Sequence[Delivery]) -> list[Delivery]:
        """Return the rows whose id is not in the ledger yet."""
        keys = [(VIEW, row.id) for row in made]
        existing = await retry_transient("deliver.ledger", lambda: self._elastic.versions(keys))
        return [row for row in made if (VIEW, row.id) not in existing]

    async def unplanned(self, made: Sequence[Delivery]) -> list[Delivery]:
        """Return the rows of whole plans that are missing in the ledger.

        A notification with some rows was planned before, and a kill may have interrupted that: its
        missing rows count only if they were part of that plan. Otherwise a replay of the topic,
        perhaps after months, would send on channels that the recipient chose since.
        """
        new = await self.unknown(made)
        left_out = {row.id for row in new}
        short = {row.notification.id for row in new}
        begun = [row.id for row in made if row.id not in left_out and row.notification.id in short]
        planned: dict[str, set[ChannelKind]] = {}
        for row in (await self.rows(begun)).values():
            planned.setdefault(row.notification.id, set()).update(row.planned)
        return [
            row for row in new if row.channel in planned.get(row.notification.id, {row.channel})
        ]

    async def record(self, changed: Sequence[Delivery]) -> list[Delivery]:
        """Publish rows, then write them to the view; return those that no newer revision replaced.

        Failed and parked rows also leave a dead letter.
        """
        return await self._keep(changed, await self._publish(changed))

    async def record_plan(
        self,
        made: Sequence[Delivery],
        at_once: Sequence[Delivery],
        take: Callable[[Sequence[Delivery]], None],
    ) -> list[Delivery]:
        """Publish planned rows and write them to the view; return the others that were the first.

        `take` gives the rows `at_once` to their lanes, whose claims write them. Rows that are not
        claimed in time are written here. When this returns, the view has all rows.
        """
        values = dict(zip((row.id for row in made), await self._publish(made), strict=True))
        left_out = {row.id for row in at_once}
        others = [row for row in made if row.id not in left_out]
        self._unwritten.add(at_once)
        try:
            take(at_once)
            kept = await self._keep(others, [values[row.id] for row in others])
            await self.claim(await self._unwritten.remaining(at_once, CLAIMED_WITHIN_S))
        finally:
            self._unwritten.forget(at_once)
        return kept

    async def _publish(self, changed: Sequence[Delivery]) -> list[bytes]:
        """Publish rows, and a dead letter for each failed or parked one; return their values."""
        if not changed:
            return []
        records = [record(row, row.notification.id, source=SOURCE, at=row.at) for row in changed]
        positions = await retry_transient("deliver.send", lambda: self._sender.publish(records))
        await self._dead_letters(changed, [each.version for each in positions])
        return [value_of(each) for each in records]

    async def _keep(self, changed: Sequence[Delivery], values: Sequence[bytes]) -> list[Delivery]:
        """Write published rows to the view; return those that were the first, once counted."""
        kept = await self._first(changed, values)
        for row in kept:
            if row.status.final:
                DELIVERED.labels(row.channel, row.status).inc()
            if row.status.final and row.cost_milli_yuan:
                MESSAGE_COST.labels(row.channel).inc(row.cost_milli_yuan / 1_000)
            if row.status is DeliveryStatus.SENT:
                POSTED_TO_TOLD.observe(row.posted_to_told_ms / 1000)
        return kept

    async def claim(self, changed: Sequence[Delivery]) -> list[Delivery]:
        """Write rows to the view alone; return those that were the first with their revision."""
        return await self._first(changed, [row.to_json() for row in changed])

    async def _first(self, changed: Sequence[Delivery], values: Sequence[bytes]) -> list[Delivery]:
        if not changed:
            return []
        writes = [delivery_write(row, value) for row, value in zip(changed, values, strict=True)]
        lost = await retry_transient("deliver.write", lambda: self._elastic.claim(writes))
        self._unwritten.note_written(changed)
        return [row for row in changed if row.id not in lost]

    async def rows(self, ids: Iterable[str]) -> dict[str, Delivery]:
        """Return the current rows by id, searchable or not."""
        keys = [(VIEW, id) for id in ids]
        found = await retry_transient("deliver.read", lambda: self._elastic.mget(keys, ("fact",)))
        return {id: Delivery.from_stored(doc["fact"]) for (_, id), doc in found.items()}

    async def due(self, in_hand: Mapping[ChannelKind, InHand], now: datetime) -> list[Delivery]:
        """Return due rows of these channels that this process does not hold, fair to receivers.

        They are read as they are now, not as the search saw them.
        """
        pages = await due_pages(self._elastic, in_hand, now)
        current = await self.rows(id for page in pages for id in page.ids)
        return without_split_messages(pages, current, now)

    async def interrupted(self, now: datetime) -> list[Delivery]:
        """Return the rows whose lease expired during a send, once repaired from the topic."""
        filters: list[Json] = [
            {"term": {"status": DeliveryStatus.SENDING.value}},
            {"range": {"lease_until": {"lt": now.isoformat()}}},
        ]
        found = await self._expired(filters)
        if not found:
            return []
        await self._heal()
        fresh = await self.rows(found)
        return [
            row
            for row in fresh.values()
            if row.status is DeliveryStatus.SENDING and row.lease_until and row.lease_until < now
        ]

    async def in_flight(self, recipients: Iterable[str]) -> bool:
        """Return whether a delivery to one of these may still be sent: claimed, its lease not over.

        A row claimed before this call is found, since the view is refreshed first.
        """
        now = self._clock.now()
        filters: list[Json] = [
            {"terms": {"recipient_id": sorted(set(recipients))}},
            {"term": {"status": DeliveryStatus.SENDING.value}},
            {"range": {"lease_until": {"gte": now.isoformat()}}},
        ]

        async def count() -> int:
            await self._elastic.refresh(VIEW)
            return await self._elastic.count(VIEW, {"bool": {"filter": filters}})

        return await retry_transient("deliver.in_flight", count) > 0

    async def last_sent(
        self, channel: ChannelKind, recipients: Iterable[str], since: datetime
    ) -> dict[str, datetime]:
        """Return when each recipient was last sent a message on a channel, since a time."""
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
        page = await retry_transient("deliver.recent", lambda: self._elastic.search(VIEW, body))
        return {
            hit.source["recipient_id"]: datetime.fromisoformat(hit.source["at"])
            for hit in page.hits
        }

    async def _expired(self, filters: Sequence[Json]) -> list[str]:
        """Return the ids of the claimed rows that pass these filters, the longest expired first."""
        body: Json = {
            **COLUMNS,
            "size": DUE_AT_ONCE,
            "docvalue_fields": ["id"],
            "sort": [{"lease_until": "asc"}, {"recipient_id": "asc"}],
            "track_total_hits": False,
            "query": {"bool": {"filter": filters}},
        }
        page = await retry_transient("deliver.due", lambda: self._elastic.search(VIEW, body))
        return [hit.id for hit in page.hits]

    async def _heal(self) -> None:
        """Repair the view after a kill between publishing and writing.

        A revision that the view has already is not overwritten: its record may have lost the race
        to another one.
        """
        async for batch in self._recent_records():
            await self.claim([fact.required_event for fact in newest_readable(batch)])

    def _recent_records(self) -> AsyncIterator[Sequence[Incoming]]:
        return KafkaReader(self._servers).read_to_end(DELIVERIES, last=TAIL)

    async def _dead_letters(self, changed: Sequence[Delivery], versions: Sequence[int]) -> None:
        letters = [
            _letter(row, version)
            for row, version in zip(changed, versions, strict=True)
            if row.status in {DeliveryStatus.FAILED, DeliveryStatus.PARKED}
        ]
        records = [record(each, each.id, source=SOURCE, at=each.at) for each in letters]
        await retry_transient("dead-letters", lambda: self._sender.publish(records))
        for each in letters:
            DEAD_LETTERED.labels("deliver", each.reason).inc()
            _log.warning("event_parked", id=each.id, reason=each.reason, detail=each.detail)


async def count_outstanding(elastic: Elastic, now: datetime) -> int:
    """Return the number of deliveries that are due and have not ended."""
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
        id=given_up_id(row.id, row.revision),
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
