"""Pages of due rows in the ledger: fair to every receiver, however many rows another has.

At first one search asks whether any row is due at all. Then the longest due rows of a channel come
first. If they fill the page, the receivers that it leaves out are looked up as well, the longest
due first, each on a separate page. Rows that the process holds are left out by the search itself,
so they never take the room of others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from roost.events.notification import Delivery, DeliveryStatus
from roost.events.preferences import ChannelKind
from roost.topics import DELIVERIES
from roost.views.elastic import COLUMNS, Elastic, Json, Page
from streams.deliver.due_queue import InHand
from streams.deliver.messages import message_mark
from streams.kernel.retry import retry_transient

VIEW = DELIVERIES.name
DUE_AT_ONCE = 500
"""Most rows of a channel, and most receivers, that one search finds."""
RECEIVERS_AT_ONCE = 100
"""Most receivers of a channel that get a separate page in one poll."""
PAGE_OF_ONE = 50
"""Most rows on the page of one receiver."""
FEW_HELD = 1_000
"""Most rows in hand with which it is asked first whether any other is due."""


@dataclass(frozen=True, slots=True)
class DuePage:
    """The ids of due rows, and whether there may be more than fit on the page."""

    ids: tuple[str, ...]
    full: bool


async def due_pages(
    elastic: Elastic, in_hand: Mapping[ChannelKind, InHand], now: datetime
) -> list[DuePage]:
    """Return pages of due rows of these channels, without the rows in hand.

    One search for all channels comes first: at most polls nothing is due.
    """
    held = {id for each in in_hand.values() for id in each.ids}
    if len(held) <= FEW_HELD and not await _is_any_due(elastic, in_hand, held, now):
        return []
    channels = list(in_hand)
    queries = {kind: _due_query(kind, in_hand[kind], now) for kind in channels}
    pages = await _search(elastic, [_oldest(queries[kind], DUE_AT_ONCE) for kind in channels])
    crowded = {
        kind: {hit.source["recipient_id"] for hit in page.hits}
        for kind, page in zip(channels, pages, strict=True)
        if len(page.hits) == DUE_AT_ONCE
    }
    firsts = await _search(elastic, [_first_of_each(queries[kind]) for kind in crowded])
    left_out: list[Json] = []
    for (kind, covered), page in zip(crowded.items(), firsts, strict=True):
        others = [hit.source["recipient_id"] for hit in page.hits]
        others = [each for each in others if each not in covered][:RECEIVERS_AT_ONCE]
        left_out += [_oldest(_only(queries[kind], each), PAGE_OF_ONE) for each in others]
    further = await _search(elastic, left_out)
    return [
        *(_page(page, DUE_AT_ONCE) for page in pages),
        *(_page(page, PAGE_OF_ONE) for page in further),
    ]


def without_split_messages(
    pages: Iterable[DuePage], current: Mapping[str, Delivery], now: datetime
) -> list[Delivery]:
    """Return the rows that are still due; of a full page, not its last message.

    The rest of that message may be on the next page, and a part of it must not go alone. A message
    that fills a page alone is returned.
    """
    found: dict[str, Delivery] = {}
    for page in pages:
        rows = [current[id] for id in page.ids if id in current]
        if page.full and rows:
            last = message_mark(rows[-1])
            rows = [row for row in rows if message_mark(row) != last] or rows
        due = (each for each in rows if each.status is DeliveryStatus.WAITING)
        found |= {row.id: row for row in due if row.due_at <= now}
    return list(found.values())


def _page(page: Page, limit: int) -> DuePage:
    return DuePage(tuple(hit.id for hit in page.hits), len(page.hits) == limit)


async def _search(elastic: Elastic, bodies: Sequence[Json]) -> list[Page]:
    searches = [(VIEW, body) for body in bodies]
    return await retry_transient("deliver.due", lambda: elastic.msearch(searches))


def _due_query(channel: ChannelKind, in_hand: InHand, now: datetime) -> Json:
    held: list[Json] = [
        {"terms": {field: sorted(values)}}
        for field, values in (("recipient_id", in_hand.busy), ("id", in_hand.ids))
        if values
    ]
    due: list[Json] = [
        {"term": {"status": DeliveryStatus.WAITING.value}},
        {"term": {"channel": channel.value}},
        {"range": {"due_at": {"lte": now.isoformat()}}},
    ]
    return {"bool": {"filter": due, "must_not": held}}


async def _is_any_due(
    elastic: Elastic, channels: Iterable[ChannelKind], held: Collection[str], now: datetime
) -> bool:
    """Return whether a row of these channels is due that is not held, for any receiver."""
    due: list[Json] = [
        {"term": {"status": DeliveryStatus.WAITING.value}},
        {"terms": {"channel": [kind.value for kind in channels]}},
        {"range": {"due_at": {"lte": now.isoformat()}}},
    ]
    left_out = [{"terms": {"id": sorted(held)}}] if held else []
    query: Json = {"bool": {"filter": due, "must_not": left_out}}
    return bool((await _search(elastic, [_oldest(query, 1)]))[0].hits)


def _only(query: Json, receiver: str) -> Json:
    due = [*query["bool"]["filter"], {"term": {"recipient_id": receiver}}]
    return {"bool": {**query["bool"], "filter": due}}


def _oldest(query: Json, most: int) -> Json:
    return {
        **COLUMNS,
        "size": most,
        "docvalue_fields": ["id", "recipient_id"],
        # Rows due to a recipient at one time stay together.
        "sort": [{"due_at": "asc"}, {"recipient_id": "asc"}],
        "track_total_hits": False,
        "query": query,
    }


def _first_of_each(query: Json) -> Json:
    """Return the search for the longest due row of each receiver."""
    return {**_oldest(query, DUE_AT_ONCE), "collapse": {"field": "recipient_id"}}
