"""Pages of lists by cursor: a cursor marks the end of a page, so that new entries shift nothing.

This is the one pager of the API; the console's pages use it through the services.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel

from api.lists.documents import fact_with_version
from api.lists.sparse import Fields, only, source_of
from roost.errors import FieldError, Invalid
from roost.views.elastic import Elastic, Json
from roost.views.search_pages import search_pages

Limit = Annotated[int, Query(ge=1, le=200, description="entries on a page")]
Cursor = Annotated[str | None, Query(max_length=500, description="`next` of the previous page")]


class Listing(BaseModel):
    """A page of facts, and the cursor of the next one."""

    items: list[dict[str, Any]]
    next: str | None = None


async def listing(
    elastic: Elastic,
    view: str,
    filters: list[Json],
    sort: list[Json],
    limit: int,
    cursor: str | None,
    fields: Fields = None,
) -> Listing:
    """Return a page of facts, or of the requested fields of them.

    Raises Invalid for a cursor of another list.
    """
    documents, following = await page(
        elastic, view, filters, sort, limit, cursor, source=source_of(fields)
    )
    return Listing(
        items=[only(fact_with_version(each), fields) for each in documents], next=following
    )


async def page(
    elastic: Elastic,
    view: str,
    filters: list[Json],
    sort: list[Json],
    limit: int,
    cursor: str | None,
    source: list[str] | None = None,
) -> tuple[list[Json], str | None]:
    """Return a page of documents and the cursor of the next. Raises Invalid as `listing` does."""
    body: Json = {
        "size": limit,
        "sort": [*sort, {"id": "asc"}],
        "track_total_hits": False,
        "query": bool_of(filters),
    }
    if source is not None:
        body["_source"] = source
    if cursor is not None:
        body["search_after"] = after_of(cursor, len(sort) + 1)
    hits = (await elastic.search(view, body)).hits
    following = cursor_of(hits[-1].sort) if len(hits) == limit else None
    return [hit.source for hit in hits], following


def bool_of(filters: list[Json]) -> Json:
    """Return the query for entities that meet all filters and are not erased."""
    return {"bool": {"filter": filters, "must_not": [{"term": {"erased": True}}]}}


async def every(
    elastic: Elastic,
    view: str,
    filters: list[Json],
    sort: list[Json] | None = None,
    *,
    most: int | None = None,
) -> AsyncIterator[Json]:
    """Yield every document that meets the filters, or the first `most`; by default in id order."""
    body: Json = {
        "sort": [*(sort or []), {"id": "asc"}],
        "track_total_hits": False,
        "query": bool_of(filters),
    }
    async for found in search_pages(elastic, view, body, most=most):
        for hit in found.hits:
            yield hit.source


def cursor_of(sort: Sequence[Any]) -> str:
    """Return the sort values of a page's last document as text."""
    return base64.urlsafe_b64encode(json.dumps(sort).encode()).decode().rstrip("=")


def after_of(cursor: str, length: int) -> list[Any]:
    """Return the sort values of a cursor. Raises Invalid for a cursor of another list."""
    message = "is not a cursor of this list; use `next` of the previous page"
    wrong = Invalid(
        f"cursor: {message}",
        "cursor：不是本列表的游标，请使用上一页返回的 next",
        fields=(FieldError("cursor", message, "不是本列表的游标"),),
    )
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        after = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        raise wrong from None
    simple = isinstance(after, list) and all(isinstance(each, str | int | float) for each in after)
    if not simple or len(after) != length:
        raise wrong
    return list(after)
