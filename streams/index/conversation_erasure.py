"""The erasure of an erased worker's conversation.

An erasure and a message can cross: the message may be published by another process, or be read
from another partition. So the stage looks twice. After it has written a worker's tombstone it
erases the messages that the view holds; after it has written a message it looks whether the worker
is erased. Whichever is written last sees the other one. The writes were refreshed before, so
that the search finds them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from roost.events.conversation import ConversationMessage
from roost.events.envelope import tombstone
from roost.kafka.incoming import Fact
from roost.kafka.ports import Producer
from roost.time.clock import Clock
from roost.topics import CONVERSATIONS, PROFILES
from roost.views.elastic import Elastic, Json
from roost.views.search_pages import search_pages
from streams.kernel.retry import retry_transient
from streams.views.projections import VIEW_OF, erased_write

SOURCE = "/streams/index"


def concerned_workers(facts: Sequence[Fact[Any]]) -> set[str]:
    """Return the workers of a batch whose conversations may have to be erased. Pure."""
    erased = {each.key for each in facts if each.origin.topic is PROFILES and each.event is None}
    return erased | {
        each.event.worker_id for each in facts if isinstance(each.event, ConversationMessage)
    }


class ConversationErasure:
    """Publishes the tombstones of erased workers' messages, and erases them in the view."""

    def __init__(self, elastic: Elastic, sender: Producer, clock: Clock) -> None:
        self._elastic = elastic
        self._sender = sender
        self._clock = clock

    async def after(self, facts: Sequence[Fact[Any]]) -> None:
        """Erase the messages of those workers of a written batch who are erased in the view."""
        workers = concerned_workers(facts)
        if not workers:
            return
        erased = await retry_transient("index.erased", lambda: self._erased(workers))
        if erased:
            await retry_transient("index.conversations", lambda: self._erase(erased))

    async def _erased(self, workers: Collection[str]) -> list[str]:
        keys = [(PROFILES.name, id) for id in sorted(workers)]
        found = await self._elastic.mget(keys, ("erased",))
        return [id for (_, id), document in found.items() if document.get("erased")]

    async def _erase(self, workers: Sequence[str]) -> None:
        body: Json = {
            "sort": [{"id": "asc"}],
            "track_total_hits": False,
            "_source": False,
            "query": {"bool": {"filter": [{"terms": {"worker_id": list(workers)}}]}},
        }
        async for page in search_pages(self._elastic, VIEW_OF[CONVERSATIONS], body):
            now = self._clock.now()
            records = [tombstone(CONVERSATIONS, hit.id, source=SOURCE, at=now) for hit in page.hits]
            positions = await self._sender.publish(records)
            await self._elastic.write(
                [
                    erased_write(VIEW_OF[CONVERSATIONS], each.key, position.version)
                    for each, position in zip(records, positions, strict=True)
                ],
                refresh=True,
            )
