"""Deliveries for operators: lists of them, and the retry of one that failed or was parked."""

from __future__ import annotations

from dataclasses import dataclass

from roost.errors import Conflict, NotFound
from roost.events.notification import Delivery, DeliveryStatus
from roost.time.clock import Clock
from roost.topics import DELIVERIES
from roost.views.elastic import Elastic, Json
from roost.views.search_pages import search_pages
from streams.deliver import rows
from streams.deliver.ledger import Ledger

PAGE = 1_000
RETRYABLE = frozenset({DeliveryStatus.FAILED, DeliveryStatus.PARKED})


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """The first rows of a status, those longest in it first, and the total number."""

    rows: tuple[Delivery, ...]
    total: int


async def find_deliveries(
    elastic: Elastic, status: DeliveryStatus, channel: str | None, most: int
) -> DeliveryPage:
    """Return rows of a status, those longest in it first. Raises Transient."""
    filters: list[Json] = [{"term": {"status": status.value}}]
    if channel is not None:
        filters.append({"term": {"channel": channel}})
    body: Json = {
        "_source": ["fact"],
        "track_total_hits": True,
        "sort": [{"at": "asc"}, {"id": "asc"}],
        "query": {"bool": {"filter": filters}},
    }
    found: list[Delivery] = []
    total = 0
    async for page in search_pages(elastic, DELIVERIES.name, body, page_size=PAGE, most=most):
        found += [Delivery.from_stored(hit.source["fact"]) for hit in page.hits]
        total = page.total
    return DeliveryPage(tuple(found), total)


def reason_of(row: Delivery) -> str:
    """Return what a row waits for, or why it ended; no personal data."""
    if row.status is not DeliveryStatus.WAITING:
        return row.detail
    until = f"until {row.due_at.isoformat(timespec='seconds')}"
    held = f"{row.held_by} {until}" if row.held_by else until
    return f"{held}: {row.detail}" if row.detail else held


async def requeue(elastic: Elastic, ledger: Ledger, clock: Clock, id: str) -> Delivery:
    """Make a failed or parked delivery wait again, under the message id it had.

    Raises NotFound for an unknown row, Conflict for one in another state, and Transient.
    """
    document = await elastic.get(DELIVERIES.name, id)
    if document is None:
        raise NotFound(f"There is no delivery {id} in the view.", f"视图中没有发送记录 {id}。")
    row = Delivery.from_stored(document["fact"])
    if row.status not in RETRYABLE:
        raise Conflict(
            f"{id} is {row.status} now, neither failed nor parked; there is nothing to retry.",
            f"{id} 当前状态为 {row.status}，并非失败或搁置，无需重试。",
        )
    kept = await ledger.record([rows.retried(row, clock.now())])
    if not kept:
        raise Conflict(
            f"{id} has just been changed by another process; check it and retry.",
            f"{id} 刚刚已被更改，请重新查看。",
        )
    return kept[0]
