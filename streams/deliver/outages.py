"""Outages of webhooks: one that fails for days, or asks for no more, is disabled.

The stage publishes an `Outage`; the index stage writes it to its view, from which lanes, the API
and the console read it. The webhook's record belongs to the API and is not changed, so that no edit
is lost. A process looks at a failing webhook's history at most every ten minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from roost.events.envelope import record
from roost.events.notification import Answer, Delivery, DeliveryStatus, RecipientKind
from roost.events.webhook import Outage, OutageCause, Webhook
from roost.kafka.ports import Producer
from roost.time.clock import Clock
from roost.topics import DELIVERIES, WEBHOOKS
from roost.views.elastic import Elastic, Json
from streams.kernel.retry import retry_transient

_log = structlog.get_logger(__name__)
FAILS_FOR = timedelta(days=3)
"""A webhook without a success for so long is disabled. Source: Standard Webhooks' schedule."""
LOOK_AGAIN = timedelta(minutes=10)
GONE = 410
PAGE = 20


class Outages:
    """The observer of webhooks' outcomes that disables those which stay unreachable."""

    def __init__(self, elastic: Elastic, sender: Producer, clock: Clock) -> None:
        self._elastic = elastic
        self._sender = sender
        self._clock = clock
        self._looked: dict[str, datetime] = {}
        """Time of the last look at each webhook, for `LOOK_AGAIN`; oldest first."""

    async def observe(self, ended: Sequence[Delivery]) -> None:
        """Disable the webhooks among the receivers that are gone, or have failed for days."""
        by_hook: dict[str, list[Delivery]] = {}
        for row in ended:
            if row.notification.recipient.kind is RecipientKind.WEBHOOK:
                by_hook.setdefault(row.notification.recipient.id, []).append(row)
        for hook, rows in by_hook.items():
            await self._observe(hook, rows)

    async def _observe(self, hook: str, rows: Sequence[Delivery]) -> None:
        now = self._clock.now()
        if any(row.status is DeliveryStatus.SENT for row in rows):
            self._looked.pop(hook, None)
            return
        if gone := [row for row in rows if row.answers and row.answers[-1].status == GONE]:
            answer = gone[0].answers[-1]
            await self._disable(hook, OutageCause.GONE, answer.at, answer)
            return
        self._forget_old_looks(now)
        if hook in self._looked:
            return
        self._looked[hook] = now
        since = await self._failing_since(hook, rows)
        if since is not None and now - since >= FAILS_FOR:
            answers = [answer for row in rows for answer in row.answers]
            last = max(answers, key=lambda each: each.at, default=None)
            await self._disable(hook, OutageCause.FAILING, since, last)

    def _forget_old_looks(self, now: datetime) -> None:
        for hook, at in list(self._looked.items()):  # oldest first
            if now - at < LOOK_AGAIN:
                return
            del self._looked[hook]

    async def _disable(
        self, hook: str, cause: OutageCause, since: datetime, last: Answer | None
    ) -> None:
        key = (WEBHOOKS.name, hook)
        found = await retry_transient(
            "deliver.outage", lambda: self._elastic.mget([key], ("fact", "erased"))
        )
        document = found.get(key)
        if document is None or document.get("erased"):
            return
        webhook = Webhook.from_stored(document["fact"])
        now = self._clock.now()
        outage = Outage(
            webhook_id=hook,
            enabling=webhook.enabling,
            cause=cause,
            since=since,
            at=now,
            last_answer=last,
        )
        made = record(outage, hook, source="/streams/deliver", at=now)
        await retry_transient("deliver.outage", lambda: self._sender.publish([made]))
        _log.warning("webhook_disabled", webhook=hook, cause=cause.value)

    async def _failing_since(self, hook: str, ended: Sequence[Delivery]) -> datetime | None:
        """Return the first known failure after the last success."""
        last = await self._hits(hook, [{"term": {"status": DeliveryStatus.SENT.value}}], "desc", 1)
        failing: list[Json] = [
            {"terms": {"status": [DeliveryStatus.FAILED.value, DeliveryStatus.WAITING.value]}}
        ]
        if last:
            failing.append({"range": {"at": {"gte": last[0].at.isoformat()}}})
        found = await self._hits(hook, failing, "asc", PAGE)
        answers = (answer.at for row in (*found, *ended) for answer in row.answers)
        return min((at for at in answers if not last or at > last[0].at), default=None)

    async def _hits(self, hook: str, filters: list[Json], order: str, size: int) -> list[Delivery]:
        body: Json = {
            "_source": ["fact"],
            "size": size,
            "sort": [{"at": order}],
            "track_total_hits": False,
            "query": {
                "bool": {
                    "filter": [
                        {"term": {"recipient_id": hook}},
                        {"term": {"channel": "webhook"}},
                        *filters,
                    ]
                }
            },
        }
        page = await retry_transient(
            "deliver.outage", lambda: self._elastic.search(DELIVERIES.name, body)
        )
        return [Delivery.from_stored(hit.source["fact"]) for hit in page.hits]
