"""Openings whose last day has passed: said to be searchable once more, so that they are judged.

Nothing happens to an opening when a day ends, so nothing would withdraw its matches. Saying the
same twice is harmless: what is withdrawn already stays so.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

from roost.clock import Clock, today
from roost.events.envelope import record
from roost.events.searchable import EntityKind, Searchable
from roost.topics import OPENINGS
from roost.views.elastic import COLUMNS, Elastic, Hit, Json
from streams.sender import Sends

PAGE = 500


async def announce_expired(
    elastic: Elastic, sender: Sends, clock: Clock, *, since: date | None = None
) -> int:
    """Announces open openings whose last day is before today and not before `since`.

    Returns how many. Raises Transient when a server is away; all of it may be done again.
    """
    announced = 0
    async for hits in _expired(elastic, today(clock), since):
        now = clock.now()
        events = [
            Searchable(
                kind=EntityKind.OPENING, id=hit.id, version=hit.source["version"], posted_at=now
            )
            for hit in hits
        ]
        await sender.send(
            [record(event, event.id, source="/streams/match/expiry", at=now) for event in events]
        )
        announced += len(events)
    return announced


async def _expired(
    elastic: Elastic, before: date, since: date | None
) -> AsyncIterator[tuple[Hit, ...]]:
    days = {"lt": before.toordinal()} | ({"gte": since.toordinal()} if since else {})
    body: Json = {
        **COLUMNS,
        "size": PAGE,
        "docvalue_fields": ["id", "version"],
        "query": {"bool": {"filter": [{"term": {"active": True}}, {"range": {"last_day": days}}]}},
        "sort": [{"id": "asc"}],
    }
    while True:
        page = await elastic.search(OPENINGS.name, body)
        if page.hits:
            yield page.hits
        if len(page.hits) < PAGE:
            return
        body = body | {"search_after": page.hits[-1].sort}
