"""Pages by cursor: where the last one ended, so that what is added meanwhile moves nothing."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel

from api.dependencies import shown
from roost.errors import FieldError, Invalid
from roost.views.elastic import Elastic, Json

Limit = Annotated[int, Query(ge=1, le=200, description="entries on a page")]
Cursor = Annotated[str | None, Query(max_length=500, description="`next` of the page before")]


class Listing(BaseModel):
    items: list[dict[str, Any]]
    next: str | None = None


async def listing(
    elastic: Elastic,
    view: str,
    filters: list[Json],
    sort: list[Json],
    limit: int,
    cursor: str | None,
) -> Listing:
    """One page. Raises Invalid for a cursor that is not one of this list."""
    body: Json = {
        "size": limit,
        "sort": [*sort, {"id": "asc"}],
        "track_total_hits": False,
        "query": {
            "bool": {"filter": filters, "must_not": [{"term": {"erased": True}}]},
        },
    }
    if cursor is not None:
        body["search_after"] = _after(cursor, len(sort) + 1)
    page = await elastic.search(view, body)
    more = len(page.hits) == limit
    return Listing(
        items=[shown(hit.source) for hit in page.hits],
        next=_cursor(page.hits[-1].sort) if more else None,
    )


def _cursor(sort: tuple[Any, ...]) -> str:
    return base64.urlsafe_b64encode(json.dumps(sort).encode()).decode().rstrip("=")


def _after(cursor: str, length: int) -> list[Any]:
    message = "is not a cursor of this list; take `next` of the page before"
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
