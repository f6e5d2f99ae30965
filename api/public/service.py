"""Use cases of the public openings: list, read one, render the feed, stream all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from api.lists import clauses
from api.lists.documents import existing_document
from api.lists.paging import ANYONE, every, page
from api.lists.totals import exact_total
from api.ports.services import Services
from api.public import feed
from api.public.job_posting import job_posting
from api.public.schemas import Openings
from roost.errors import NotFound
from roost.events.opening import Opening, OpeningStatus
from roost.places.gazetteer import gazetteer
from roost.topics import OPENINGS
from roost.views.elastic import Json

NEWEST: list[Json] = [{"created_at": "desc"}]


@dataclass(frozen=True, slots=True)
class Posting:
    """Open opening as schema.org JobPosting, with the version of the opening."""

    content: dict[str, Any]
    version: int


async def list_open_openings(
    given: Services,
    place: str | None,
    title: str | None,
    limit: int,
    cursor: str | None,
    *,
    total: bool = False,
) -> Openings:
    """Return a page of open openings, newest first; `title` holds words of it.

    Raises Invalid for an unknown place, TokenRefused for a foreign cursor.
    """
    filters = [
        *_is_open(given),
        *clauses.in_place("places", place, gazetteer()),
        *clauses.containing("title", title),
    ]
    documents, following = await page(
        given, ANYONE, OPENINGS.name, filters, NEWEST, limit, cursor, asked=(place, title)
    )
    whole = await exact_total(given, OPENINGS.name, filters, total=total)
    items = [_posting(given, each) for each in documents]
    return Openings(items=items, next=following, total=whole)


async def find_posting(given: Services, id: str) -> Posting:
    """Return one open opening. Raises NotFound if it is closed, filled, paused or expired."""
    document = await existing_document(given.elastic, OPENINGS.name, id, "opening", "岗位")
    if not Opening.from_stored(document["fact"]).can_be_matched(given.today):
        raise NotFound(f"The opening {id} is no longer open.", f"该岗位已结束招聘：{id}")
    return Posting(_posting(given, document), document["version"])


async def atom_feed(given: Services, limit: int, cursor: str | None) -> bytes:
    """Return a page of open openings as an Atom feed. Raises TokenRefused."""
    documents, following = await page(
        given, ANYONE, OPENINGS.name, _is_open(given), NEWEST, limit, cursor, asked="feed"
    )
    base = f"{given.settings.public_url}/feeds/openings.atom"
    older = f"{base}?{urlencode({'limit': limit, 'cursor': following})}" if following else None
    listed = [
        feed.Listed(
            Opening.from_stored(each["fact"]), _changed_at(each), _address(given, each["id"])
        )
        for each in documents
    ]
    return feed.atom(listed, base, older, given.clock.now())


async def every_posting(given: Services) -> AsyncIterator[dict[str, Any]]:
    """Yield every open opening as schema.org JobPosting."""
    async for document in every(given.elastic, OPENINGS.name, _is_open(given)):
        yield _posting(given, document)


def _is_open(given: Services) -> list[Json]:
    """Return the filters of openings that take applications today."""
    return [
        *clauses.equal("status", OpeningStatus.OPEN),
        clauses.Equals("active", True).json(),
        clauses.Between("last_day", least=given.today.toordinal()).json(),
    ]


def _posting(given: Services, document: Json) -> dict[str, Any]:
    opening = Opening.from_stored(document["fact"])
    url = _address(given, opening.id)
    posted = _time(document, "created_at")
    return job_posting(opening, posted, url, gazetteer(), given.settings.zone)


def _address(given: Services, id: str) -> str:
    """Return the public URL of an opening."""
    return f"{given.settings.public_url}/v1/public/openings/{id}"


def _changed_at(document: Json) -> datetime:
    return _time(document, "posted_at")


def _time(document: Json, name: str) -> datetime:
    return datetime.fromisoformat(document[name]).astimezone(UTC)
