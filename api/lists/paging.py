"""Pages of lists by cursor: a cursor marks the end of a page, so that new entries shift nothing.

This is the one pager of the API; the console's pages use it through the services. A cursor is
sealed: it shows no sort value, serves only its caller and its list, and expires.

No page skips or repeats an entry that is edited between two pages: the order is one that edits keep
(`FIXED`), or else the cursor holds the entries shown (`api.lists.live_order`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, Field

from api.lists.documents import fact_with_version
from api.lists.live_order import Shown, live_page
from api.lists.sparse import Fields, only, source_of
from api.ports.services import Services
from roost.security.sealed_tokens import open_token, seal_token
from roost.views.elastic import Elastic, Json
from roost.views.search_pages import search_pages

Limit = Annotated[int, Query(ge=1, le=200, description="entries on a page")]
Cursor = Annotated[str | None, Query(description="`next` of the previous page")]
LIFETIME = timedelta(days=1)
"""Period in which the next page can be requested."""
FIXED = frozenset(
    {
        ("audit", "at"),
        ("conversations", "sent_at"),
        ("notes", "written_at"),
        ("notices", "posted_at"),
    }
)
"""Sort fields of a view that no edit changes, besides `FIXED_EVERYWHERE`."""
FIXED_EVERYWHERE = frozenset({"created_at", "caused_at", "id"})
ANYONE = "anyone"
"""Caller of the public lists."""


class Listing(BaseModel):
    """A page of facts, and the cursor of the next one."""

    items: list[dict[str, Any]]
    next: str | None = None
    total: int | None = Field(None, exclude_if=lambda total: total is None)


def with_fields(found: Listing, fields: Fields) -> Listing:
    """Return a page with the requested fields of its entries."""
    return found.model_copy(update={"items": [only(each, fields) for each in found.items]})


async def listing(
    given: Services,
    who_id: str,
    view: str,
    filters: list[Json],
    sort: list[Json],
    limit: int,
    cursor: str | None,
    fields: Fields = None,
    *,
    asked: object = None,
) -> Listing:
    """Return a page of facts, or of the requested fields of them. Raises as `page` does."""
    documents, following = await page(
        given, who_id, view, filters, sort, limit, cursor, asked=asked, source=source_of(fields)
    )
    return Listing(
        items=[only(fact_with_version(each), fields) for each in documents], next=following
    )


async def page(
    given: Services,
    who_id: str,
    view: str,
    filters: list[Json],
    sort: list[Json],
    limit: int,
    cursor: str | None,
    *,
    asked: object = None,
    source: list[str] | None = None,
) -> tuple[list[Json], str | None]:
    """Return a page of documents and the cursor of the next.

    The cursor is bound to the caller, the list and its filters. Pass the caller's conditions as
    `asked` if the filters change between two pages although the caller asks the same, for example
    because they contain the time. Raises TokenRefused for a foreign or expired cursor.
    """
    query = list_key(who_id, view, sort, filters if asked is None else asked)
    if not _is_fixed(view, sort):
        before = Shown() if cursor is None else Shown.at(after_of(given, cursor, query))
        documents, shown = await live_page(
            given.elastic, view, bool_of(filters), sort, limit, before, source
        )
        return documents, cursor_of(given, shown.position(), query) if shown else None
    body: Json = {
        "size": limit,
        "sort": [*sort, {"id": "asc"}],
        "track_total_hits": False,
        "query": bool_of(filters),
    }
    if source is not None:
        body["_source"] = source
    if cursor is not None:
        body["search_after"] = after_of(given, cursor, query)
    hits = (await given.elastic.search(view, body)).hits
    following = cursor_of(given, hits[-1].sort, query) if len(hits) == limit else None
    return [hit.source for hit in hits], following


def _is_fixed(view: str, sort: list[Json]) -> bool:
    """Return whether no edit changes an entry's place in the order."""
    fields = [field for each in sort for field in each]
    return all(each in FIXED_EVERYWHERE or (view, each) in FIXED for each in fields)


def bool_of(filters: list[Json]) -> Json:
    """Return the query for entities that meet all filters and are not erased."""
    return {"bool": {"filter": filters, "must_not": [{"term": {"erased": True}}]}}


async def every(
    elastic: Elastic,
    view: str,
    filters: list[Json],
) -> AsyncIterator[Json]:
    """Yield every document that meets the filters, in the order of ids, which no edit changes."""
    body: Json = {
        "sort": [{"id": "asc"}],
        "track_total_hits": False,
        "query": bool_of(filters),
    }
    async for found in search_pages(elastic, view, body):
        for hit in found.hits:
            yield hit.source


def list_key(*parts: object) -> tuple[str, ...]:
    """Return the texts that a cursor is bound to: the caller and all that defines the list."""
    return tuple(each if isinstance(each, str) else repr(each) for each in parts)


def cursor_of(given: Services, position: Any, query: tuple[str, ...]) -> str:
    """Return the cursor of a position in a list, such as its last document's sort values."""
    now = given.clock.now()
    return seal_token(given.key, "list", position, bound_to=query, now=now, lifetime=LIFETIME)


def after_of(given: Services, cursor: str, query: tuple[str, ...]) -> Any:
    """Return the position of a cursor. Raises TokenRefused."""
    return open_token(given.key, "list", cursor, bound_to=query, now=given.clock.now())
