"""The erasure of the texts about an erased worker: conversation, notes and saved searches.

An erasure and a text can cross: the text may be published by another process, or be read
from another partition. So the stage looks twice. After it has written a worker's tombstone it
erases the texts that the views hold; after it has written a text it looks whether the worker
is erased. Whichever is written last sees the other one. The writes were refreshed before, so
that the search finds them.

A worker who is erased and registered again while the stage is behind is never erased in the view:
the stage writes the newest version only. Then the tombstone itself counts, and the texts that
were written until then are erased.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from roost.events.conversation import ConversationMessage
from roost.events.envelope import tombstone
from roost.events.note import Note
from roost.events.saved_search import SavedSearch
from roost.kafka.incoming import Fact
from roost.kafka.ports import Producer
from roost.time.clock import Clock
from roost.topics import CONVERSATIONS, NOTES, PROFILES, SAVED_SEARCHES, Topic
from roost.views.elastic import Elastic, Json
from roost.views.search_pages import search_pages
from streams.kernel.retry import retry_transient
from streams.views.projections import VIEW_OF, erased_write

SOURCE = "/streams/index"
WRITTEN: Mapping[Topic, str] = {
    CONVERSATIONS: "sent_at",
    NOTES: "written_at",
    SAVED_SEARCHES: "created_at",
}
"""Topics of texts that concern a worker, and the field with the time of writing in their views."""


def erasures(facts: Sequence[Fact[Any]]) -> dict[str, datetime]:
    """Return the time of the last erasure of each worker whom a batch erases. Pure."""
    return {
        each.key: each.origin.at
        for each in facts
        if each.origin.topic is PROFILES and each.event is None
    }


def concerned_workers(facts: Sequence[Fact[Any]]) -> set[str]:
    """Return the workers of a batch of whom texts may have to be erased. Pure."""
    kinds = ConversationMessage | Note | SavedSearch
    texts = (each.event for each in facts if isinstance(each.event, kinds))
    return erasures(facts).keys() | {each.worker_id for each in texts if each.worker_id}


class TextErasure:
    """Publishes the tombstones of the texts about erased workers, and erases them in the views."""

    def __init__(self, elastic: Elastic, sender: Producer, clock: Clock) -> None:
        self._elastic = elastic
        self._sender = sender
        self._clock = clock

    async def after(self, facts: Sequence[Fact[Any]]) -> None:
        """Erase the texts about those workers of a written batch who are or were erased.

        `facts` are all of the batch, older versions too.
        """
        workers = concerned_workers(facts)
        if not workers:
            return
        erased = await retry_transient("index.erased", lambda: self._erased(workers))
        again = {id: at for id, at in erasures(facts).items() if id not in erased}
        if not (erased or again):
            return
        for topic, written in WRITTEN.items():
            due: list[Json] = [{"terms": {"worker_id": erased}}] if erased else []
            due += [_written_until(written, worker, at) for worker, at in again.items()]
            await retry_transient("index.texts", partial(self._erase, topic, due))

    async def _erased(self, workers: Collection[str]) -> list[str]:
        keys = [(PROFILES.name, id) for id in sorted(workers)]
        found = await self._elastic.mget(keys, ("erased",))
        return [id for (_, id), document in found.items() if document.get("erased")]

    async def _erase(self, topic: Topic, due: Sequence[Json]) -> None:
        """Erase the texts of a topic that meet any of the conditions."""
        body: Json = {
            "sort": [{"id": "asc"}],
            "track_total_hits": False,
            "_source": False,
            "query": {"bool": {"filter": [{"bool": {"should": list(due)}}]}},
        }
        async for page in search_pages(self._elastic, VIEW_OF[topic], body):
            now = self._clock.now()
            records = [tombstone(topic, hit.id, source=SOURCE, at=now) for hit in page.hits]
            positions = await self._sender.publish(records)
            await self._elastic.write(
                [
                    erased_write(VIEW_OF[topic], each.key, position.version)
                    for each, position in zip(records, positions, strict=True)
                ],
                refresh=True,
            )


def _written_until(field: str, worker_id: str, at: datetime) -> Json:
    return {
        "bool": {
            "filter": [
                {"terms": {"worker_id": [worker_id]}},
                {"range": {field: {"lte": at.isoformat()}}},
            ]
        }
    }
