"""The ids and versions of all documents of a view that pass some filters."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from roost.views.elastic import COLUMNS, Elastic, Hit, Json
from roost.views.search_pages import search_pages


async def id_pages(
    elastic: Elastic, view: str, filters: Sequence[Json]
) -> AsyncIterator[tuple[Hit, ...]]:
    """Yield the ids and versions of the documents that pass all filters, a page at a time, by id.

    Raises Transient when Elasticsearch is away: start again from the first page.
    """
    body: Json = {
        **COLUMNS,
        "docvalue_fields": ["id", "version"],
        "track_total_hits": False,
        "query": {"bool": {"filter": list(filters)}},
        "sort": [{"id": "asc"}],
    }
    async for page in search_pages(elastic, view, body):
        yield page.hits
