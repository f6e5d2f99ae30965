"""The one loop that reads a search to its end, a page at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from roost.views.answers import Json, Page

PAGE_SIZE = 500
"""Hits of one request; memory use does not depend on how many documents the search finds."""


class Searches(Protocol):
    """The one method of `Elastic` that the loop uses."""

    async def search(self, view: str, body: Json) -> Page:
        """Return one page of hits."""
        ...


async def search_pages(
    elastic: Searches,
    view: str,
    body: Json,
    *,
    page_size: int = PAGE_SIZE,
    most: int | None = None,
) -> AsyncIterator[Page]:
    """Yield the pages of a search in its sort order, none of them empty.

    `body` needs a `sort` whose last field is unique (such as `id`), or hits are lost between two
    pages; its `size` is replaced. `most` limits the number of hits altogether. Each page is a new
    search: a document written meanwhile is found if it sorts after the last hit.

    Raises Transient when Elasticsearch is away or busy: start again from the first page.
    """
    left = most
    while left is None or left > 0:
        size = page_size if left is None else min(page_size, left)
        page = await elastic.search(view, body | {"size": size})
        if page.hits:
            yield page
        if len(page.hits) < size:
            return
        body = body | {"search_after": list(page.hits[-1].sort)}
        left = None if left is None else left - len(page.hits)
