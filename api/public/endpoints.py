"""Public endpoints of open openings, without a key: list, JSON-LD, Atom feed, snapshot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from api.guards.conditional import tag
from api.lists.answer_schemas import ETAG
from api.lists.paging import Cursor, Limit
from api.lists.totals import Total
from api.ports.services import Given
from api.public import feed, service
from api.public.schemas import PostingListing
from roost.events.common import OpeningId

router = APIRouter(tags=["public"])
LD_JSON = "application/ld+json"
POSTING = {"$ref": "#/components/schemas/JobPosting"}
TEXT = {"type": "string"}
CACHED = {"cache-control": "public, max-age=60"}


@router.get("/v1/public/openings", summary="List open openings, newest first")
async def list_openings(
    given: Given,
    response: Response,
    limit: Limit = 50,
    cursor: Cursor = None,
    place: Annotated[str | None, Query(max_length=100)] = None,
    q: Annotated[str | None, Query(max_length=100, description="words of the title")] = None,
    total: Total = False,
) -> PostingListing:
    """Return each as schema.org JobPosting, as `/v1/public/openings/{id}` does."""
    openings = await service.list_open_openings(given, place, q, limit, cursor, total=total)
    response.headers.update(CACHED)
    return openings


@router.get(
    "/v1/public/openings/{id}",
    summary="Read an open opening as schema.org JobPosting (JSON-LD)",
    response_class=Response,
    responses={200: {"content": {LD_JSON: {"schema": POSTING}}, "headers": ETAG}},
)
async def read_posting(id: OpeningId, given: Given) -> Response:
    """Return an open opening; one that is closed, filled, paused or expired is not found."""
    posting = await service.find_posting(given, id)
    headers = {**CACHED, "etag": tag(posting.version)}
    return Response(orjson.dumps(posting.content), headers=headers, media_type=LD_JSON)


@router.get(
    "/feeds/openings.atom",
    summary="Read open openings as an Atom feed, newest first",
    response_class=Response,
    responses={200: {"content": {feed.MEDIA: {"schema": TEXT}}}},
)
async def as_atom(given: Given, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Return a page of the feed; its link `next` leads to older openings."""
    content = await service.atom_feed(given, limit, cursor)
    return Response(content, headers=CACHED, media_type=feed.MEDIA)


@router.get(
    "/feeds/openings.jsonl",
    summary="Stream all open openings, one JobPosting a line",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/x-ndjson": {"schema": TEXT}}}},
)
async def snapshot(given: Given) -> StreamingResponse:
    """Return a snapshot to begin with; later changes are in the feed."""
    return StreamingResponse(_lines(given), headers=CACHED, media_type="application/x-ndjson")


async def _lines(given: Given) -> AsyncIterator[bytes]:
    async for posting in service.every_posting(given):
        yield orjson.dumps(posting) + b"\n"
