"""Open openings without a key: a list, one as JSON-LD, an Atom feed, and all of them at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from api.guards.conditional import tag
from api.lists import clauses
from api.lists.documents import existing_document
from api.lists.paging import Cursor, Limit, every, page
from api.ports.services import Given, Services
from api.public import feed
from api.public.job_posting import job_posting
from api.public.schemas import Openings
from roost.errors import NotFound
from roost.events.common import OpeningId
from roost.events.opening import Opening, OpeningStatus
from roost.places.gazetteer import gazetteer
from roost.topics import OPENINGS
from roost.views.elastic import Json

router = APIRouter(tags=["public"])
LD_JSON = "application/ld+json"
CACHED = {"cache-control": "public, max-age=60"}
NEWEST: list[Json] = [{"posted_at": "desc"}]


@router.get("/v1/public/openings", summary="List open openings, newest first")
async def list_openings(
    given: Given,
    response: Response,
    limit: Limit = 50,
    cursor: Cursor = None,
    place: Annotated[str | None, Query(max_length=100)] = None,
    q: Annotated[str | None, Query(max_length=100, description="words of the title")] = None,
) -> Openings:
    """Each as schema.org JobPosting, as `/v1/public/openings/{id}` answers it."""
    asked = clauses.in_place("places", place, gazetteer()) + clauses.containing("title", q)
    documents, following = await page(
        given.elastic, OPENINGS.name, [*is_open(given), *asked], NEWEST, limit, cursor
    )
    response.headers.update(CACHED)
    return Openings(items=[posting(given, each) for each in documents], next=following)


@router.get(
    "/v1/public/openings/{id}",
    summary="An open opening as schema.org JobPosting (JSON-LD)",
    response_class=Response,
    responses={200: {"content": {LD_JSON: {}}}},
)
async def read(id: OpeningId, given: Given) -> Response:
    """What is closed, filled, paused or over is not there."""
    document = await existing_document(given.elastic, OPENINGS.name, id, "opening", "岗位")
    opening = Opening.from_stored(document["fact"])
    if not opening.can_be_matched(given.today):
        raise NotFound(f"The opening {id} is not open any more.", f"该岗位已结束招聘：{id}")
    body = orjson.dumps(posting(given, document))
    headers = {**CACHED, "etag": tag(document["version"])}
    return Response(body, headers=headers, media_type=LD_JSON)


@router.get(
    "/feeds/openings.atom",
    summary="Open openings as an Atom feed, newest first",
    response_class=Response,
    responses={200: {"content": {feed.MEDIA: {}}}},
)
async def as_atom(given: Given, limit: Limit = 50, cursor: Cursor = None) -> Response:
    documents, following = await page(
        given.elastic, OPENINGS.name, is_open(given), NEWEST, limit, cursor
    )
    base = f"{given.settings.public_url}/feeds/openings.atom"
    older = f"{base}?{urlencode({'limit': limit, 'cursor': following})}" if following else None
    listed = [
        feed.Listed(Opening.from_stored(each["fact"]), changed(each), where(given, each["id"]))
        for each in documents
    ]
    said = feed.atom(listed, base, older, given.clock.now())
    return Response(said, headers=CACHED, media_type=feed.MEDIA)


@router.get(
    "/feeds/openings.jsonl",
    summary="All open openings, one JobPosting a line",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/x-ndjson": {}}}},
)
async def snapshot(given: Given) -> StreamingResponse:
    """A snapshot to begin with; what changes afterwards is in the feed."""
    return StreamingResponse(_lines(given), headers=CACHED, media_type="application/x-ndjson")


async def _lines(given: Services) -> AsyncIterator[bytes]:
    async for document in every(given.elastic, OPENINGS.name, is_open(given)):
        yield orjson.dumps(posting(given, document)) + b"\n"


def is_open(given: Services) -> list[Json]:
    return [
        *clauses.equal("status", OpeningStatus.OPEN),
        clauses.Between("last_day", least=given.today.toordinal()).json(),
    ]


def posting(given: Services, document: Json) -> dict[str, Any]:
    opening = Opening.from_stored(document["fact"])
    url = where(given, opening.id)
    return job_posting(opening, changed(document).date(), url, gazetteer())


def where(given: Services, id: str) -> str:
    return f"{given.settings.public_url}/v1/public/openings/{id}"


def changed(document: Json) -> datetime:
    return datetime.fromisoformat(document["posted_at"]).astimezone(UTC)
