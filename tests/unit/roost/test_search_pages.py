"""The one loop over the pages of a search."""

from __future__ import annotations

from typing import Any

import pytest

from roost.errors import Transient
from roost.views.answers import Hit, Json, Page
from roost.views.search_pages import search_pages

BODY: Json = {"query": {"match_all": {}}, "sort": [{"at": "asc"}, {"id": "asc"}]}


class InMemorySearches:
    """A view of `count` documents, sorted by (at, id), that fails at the request `fails_at`."""

    def __init__(self, count: int, fails_at: int | None = None) -> None:
        self._hits = [Hit(f"d{n:03}", None, {"n": n}, (n // 3, f"d{n:03}")) for n in range(count)]
        self._fails_at = fails_at
        self.bodies: list[Json] = []

    async def search(self, view: str, body: Json) -> Page:
        if len(self.bodies) == self._fails_at:
            raise Transient("away")
        self.bodies.append(body)
        after: Any = tuple(body.get("search_after", ()))
        left = [hit for hit in self._hits if hit.sort > after]
        return Page(tuple(left[: body["size"]]), len(self._hits))


async def ids(searches: InMemorySearches, **options: int) -> list[str]:
    return [
        hit.id async for page in search_pages(searches, "v", BODY, **options) for hit in page.hits
    ]


@pytest.mark.parametrize("count", [0, 1, 4, 5, 6, 10, 11])
async def test_every_hit_comes_once_and_in_order(count: int) -> None:
    searches = InMemorySearches(count)

    assert await ids(searches, page_size=5) == [f"d{n:03}" for n in range(count)]


async def test_a_short_page_ends_the_loop_without_another_request() -> None:
    searches = InMemorySearches(6)

    await ids(searches, page_size=5)

    assert len(searches.bodies) == 2


async def test_no_page_is_empty() -> None:
    assert [page async for page in search_pages(InMemorySearches(0), "v", BODY)] == []
    assert (
        len([page async for page in search_pages(InMemorySearches(5), "v", BODY, page_size=5)]) == 1
    )


@pytest.mark.parametrize(("most", "sizes"), [(0, []), (3, [3]), (5, [5]), (7, [5, 2])])
async def test_no_more_hits_are_asked_for_than_the_caller_wants(
    most: int, sizes: list[int]
) -> None:
    searches = InMemorySearches(20)

    assert len(await ids(searches, page_size=5, most=most)) == most
    assert [body["size"] for body in searches.bodies] == sizes


async def test_the_callers_body_is_not_changed_and_keeps_its_query() -> None:
    searches = InMemorySearches(6)

    await ids(searches, page_size=5)

    assert "search_after" not in BODY
    assert [body["query"] for body in searches.bodies] == [BODY["query"]] * 2


async def test_an_outage_is_passed_on() -> None:
    with pytest.raises(Transient):
        await ids(InMemorySearches(20, fails_at=1), page_size=5)
