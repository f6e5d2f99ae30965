"""Pages in an order that edits change, such as urgency or score.

The end of a page is no position in such an order: an entry that is edited between two pages moves,
and would be skipped or repeated. So the cursor holds the entries shown, as short hashes, and each
page holds the first entries of the current order that were not shown. After `MOST_SHOWN` entries
the rest follows in the order of ids, which no edit changes. So every entry that is in the list from
the first page to the last is on exactly one of them.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from roost.views.answers import Hit, Json
from roost.views.search_pages import Searches

MOST_SHOWN = 300
"""Entries in the order of the list; it bounds the cursor's length, to some 3,000 characters."""
HASH_BYTES = 5
"""For 10,000 entries, 300 of them shown, a hash coincides in one of 400,000 lists."""
BY_ID: list[Json] = [{"id": "asc"}]


@dataclass(frozen=True, slots=True)
class Shown:
    """Entries on the pages so far: their hashes and, past `MOST_SHOWN`, the last id."""

    hashes: frozenset[bytes] = frozenset()
    last_id: str = ""

    def __contains__(self, id: str) -> bool:
        return _hash(id) in self.hashes

    def plus(self, ids: Iterable[str]) -> Shown:
        """Return the entries shown once these are."""
        return Shown(self.hashes | {_hash(each) for each in ids}, self.last_id)

    def position(self) -> list[str]:
        """Return the values that a cursor seals."""
        return [self.last_id, urlsafe_b64encode(b"".join(sorted(self.hashes))).decode()]

    @classmethod
    def at(cls, position: Any) -> Shown:
        """Return the entries shown before a cursor's position."""
        last_id, encoded = position
        packed = urlsafe_b64decode(encoded)
        starts = range(0, len(packed), HASH_BYTES)
        hashes = frozenset(packed[start : start + HASH_BYTES] for start in starts)
        return cls(hashes, last_id)


async def live_page(
    elastic: Searches,
    view: str,
    query: Json,
    sort: Sequence[Json],
    limit: int,
    shown: Shown,
    source: list[str] | None,
) -> tuple[list[Json], Shown | None]:
    """Return a page of documents, and the entries shown after it; None after the last page."""
    in_order = not shown.last_id and len(shown.hashes) + limit <= MOST_SHOWN
    body: Json = {
        "size": limit + len(shown.hashes),
        "sort": [*sort, *BY_ID] if in_order else BY_ID,
        "track_total_hits": False,
        "query": query,
    }
    if shown.last_id:
        body["search_after"] = [shown.last_id]
    if shown.hashes:
        body["_source"] = ["id"]
    elif source is not None:
        body["_source"] = source
    hits = [each for each in (await elastic.search(view, body)).hits if each.id not in shown]
    hits = hits[:limit]
    documents = [hit.source for hit in hits]
    if shown.hashes:
        documents = await _documents(elastic, view, query, hits, source)
    if len(hits) < limit:
        return documents, None
    if in_order:
        return documents, shown.plus(each.id for each in hits)
    return documents, Shown(shown.hashes, hits[-1].id)


async def _documents(
    elastic: Searches, view: str, query: Json, hits: Sequence[Hit], source: list[str] | None
) -> list[Json]:
    """Return the documents of hits that were read without them, in the order of the hits."""
    if not hits:
        return []
    body: Json = {
        "size": len(hits),
        "track_total_hits": False,
        "query": {"bool": {"filter": [query, {"terms": {"id": [each.id for each in hits]}}]}},
    }
    if source is not None:
        body["_source"] = source
    found = {hit.id: hit.source for hit in (await elastic.search(view, body)).hits}
    return [found[each.id] for each in hits if each.id in found]


def _hash(id: str) -> bytes:
    return hashlib.blake2b(id.encode(), digest_size=HASH_BYTES).digest()
