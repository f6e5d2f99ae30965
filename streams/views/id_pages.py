"""A search read to its end, page by page: memory stays bounded whatever it finds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from roost.views.elastic import COLUMNS, Elastic, Hit, Json

PAGE = 500


async def pages(
    elastic: Elastic, view: str, filters: Sequence[Json]
) -> AsyncIterator[tuple[Hit, ...]]:
    """The ids and versions of the documents that pass all filters, in the order of ids.

    Raises Transient when Elasticsearch is away: then begin anew.
    """
    body: Json = {
        **COLUMNS,
        "size": PAGE,
        "docvalue_fields": ["id", "version"],
        "track_total_hits": False,
        "query": {"bool": {"filter": list(filters)}},
        "sort": [{"id": "asc"}],
    }
    while True:
        page = await elastic.search(view, body)
        if page.hits:
            yield page.hits
        if len(page.hits) < PAGE:
            return
        body = body | {"search_after": page.hits[-1].sort}
