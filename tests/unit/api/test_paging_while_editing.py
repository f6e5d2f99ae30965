"""No page skips or repeats an entry that is edited between two pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from api.access.policy import Reach
from api.inbox import service as inbox
from api.lists import live_order
from api.lists.live_order import Shown
from api.lists.paging import FIXED, FIXED_EVERYWHERE, page
from api.matches.match_query import MatchSort, sort_for
from api.notifications import service as notifications
from api.openings import service as openings
from api.profiles import service as profiles
from api.public import service as public
from api.stations.queue_query import SORTS, Order
from roost.time.clock import FixedClock
from roost.views.answers import Hit, Page
from roost.views.elastic import Json
from tests.unit.api.builders import NOW
from tests.unit.api.services import services_with

FIELDS = ("created_at", "score", "urgent_at")
ORDERS: dict[str, list[Json]] = {
    "created_at": [{"created_at": "desc"}],
    "score": [{"score": {"order": "desc", "unmapped_type": "float"}}],
    "urgent": [{"urgent_at": "asc"}, {"score": "desc"}],
}


@dataclass
class Index:
    """Elasticsearch with documents in memory: sorts, search_after, and terms of ids."""

    documents: dict[str, Json] = field(default_factory=dict)

    async def search(self, view: str, body: Json) -> Page:
        sort = [next(iter(each.items())) for each in body.get("sort", [])]
        wanted = self._ids(body["query"])
        hits = [
            Hit(id, None, self._source(each, body), tuple(self._key(each, sort)))
            for id, each in self.documents.items()
            if wanted is None or id in wanted
        ]
        hits.sort(key=lambda hit: self._order(hit.sort, sort))
        if "search_after" in body:
            after = self._order(body["search_after"], sort)
            hits = [hit for hit in hits if self._order(hit.sort, sort) > after]
        return Page(tuple(hits[: body["size"]]), len(hits))

    def _ids(self, query: Json) -> list[str] | None:
        for each in query["bool"]["filter"]:
            if "terms" in each:
                return list(each["terms"]["id"])
        return None

    def _source(self, document: Json, body: Json) -> Json:
        names = body.get("_source")
        return {key: value for key, value in document.items() if not names or key in names}

    def _key(self, document: Json, sort: list[tuple[str, Any]]) -> list[Any]:
        return [document[name] for name, _ in sort]

    def _order(self, key: Any, sort: list[tuple[str, Any]]) -> list[Any]:
        orders = [each["order"] if isinstance(each, dict) else each for _, each in sort]
        return [
            -value if order == "desc" else value for value, order in zip(key, orders, strict=True)
        ]


numbers = st.integers(0, 9)
edits = st.lists(
    st.tuples(st.integers(0, 29), st.sampled_from(["score", "urgent_at"]), numbers), max_size=6
)


@pytest.mark.parametrize("order", ORDERS)
@settings(max_examples=60, deadline=None)
@for_all(
    keys=st.lists(st.tuples(numbers, numbers, numbers), max_size=30),
    limit=st.integers(1, 8),
    most=st.integers(0, 20),
    changes=st.lists(edits, min_size=40, max_size=40),
)
async def test_every_entry_is_on_exactly_one_page_whatever_is_edited_meanwhile(
    order: str, keys: list[Any], limit: int, most: int, changes: list[Any]
) -> None:
    index = Index(
        {
            f"m-{n:02}": {"id": f"m-{n:02}", "fact": {}, **dict(zip(FIELDS, key, strict=True))}
            for n, key in enumerate(keys)
        }
    )
    given = services_with(elastic=index, clock=FixedClock(NOW), key=b"k" * 32)
    seen: list[str] = []
    cursor: str | None = None
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(live_order, "MOST_SHOWN", most)
        for each in changes:
            found, cursor = await page(
                given, "u-1", "matches", [], ORDERS[order], limit, cursor, asked=()
            )
            assert len(found) <= limit
            assert all("fact" in document for document in found)
            seen += [document["id"] for document in found]
            if cursor is None:
                break
            for number, name, value in each:
                if f"m-{number:02}" in index.documents:
                    index.documents[f"m-{number:02}"] |= {name: value}
    assert cursor is None
    assert sorted(seen) == sorted(index.documents)


async def test_the_first_page_is_in_the_order_asked_for() -> None:
    index = Index({f"m-{n}": {"id": f"m-{n}", "fact": {}, "score": n} for n in range(9)})
    given = services_with(elastic=index, clock=FixedClock(NOW), key=b"k" * 32)
    first, cursor = await page(given, "u-1", "matches", [], [{"score": "desc"}], 3, None)
    second, _ = await page(given, "u-1", "matches", [], [{"score": "desc"}], 3, cursor)
    assert [each["score"] for each in (*first, *second)] == [8, 7, 6, 5, 4, 3]


def test_a_cursor_of_the_longest_list_fits_in_an_address() -> None:
    hashes = frozenset(number.to_bytes(5, "big") for number in range(live_order.MOST_SHOWN))
    shown = Shown(hashes, "m-" + "a" * 60)
    assert Shown.at(shown.position()) == shown
    assert len("".join(shown.position())) < 2_100


@pytest.mark.parametrize(
    "sort",
    [
        openings.NEWEST,
        profiles.NEWEST,
        public.NEWEST,
        sort_for(Reach.ALL, MatchSort.NEWEST),
        inbox.NEWEST,
        notifications.NEWEST_DELIVERY,
        notifications.NEWEST_CAUSE,
        SORTS[Order.NEWEST],
    ],
)
def test_lists_by_time_use_a_time_that_edits_keep(sort: list[Json]) -> None:
    assert {name for each in sort for name in each} <= FIXED_EVERYWHERE
    assert not {name for _, name in FIXED} & {"changed_at", "score", "urgent_at"}
