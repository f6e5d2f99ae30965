"""Cursors of lists and feeds: opaque, bound to caller and query, refused with the remedy."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from api.access.principal import Principal
from api.imports import service as imports
from api.lists.paging import LIFETIME, page
from api.live.feed_positions import PARTITIONS, format_cursor, parse_cursor
from api.matches import service as matches
from api.ports.services import Services
from api.stations import service as stations
from api.stations.queue_query import QueueFilter
from roost import ids
from roost.events.account import AccountRole
from roost.security.sealed_tokens import TokenRefused
from roost.views.answers import Hit, Page
from roost.views.elastic import Json
from tests.unit.api.builders import NOW
from tests.unit.api.services import services_with

SORT: list[Json] = [{"created_at": "desc"}]
OPENING = ids.opening_id("t", "1")
STATION = ids.station_id("s")


@dataclass
class FixedClock:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@dataclass
class Views:
    """Elasticsearch whose every search finds one document."""

    asked: list[Json] = field(default_factory=list)

    async def search(self, view: str, body: Json) -> Page:
        self.asked.append(body)
        document = {"id": "m-1", "worker_id": "w-1", "version": 1, "fact": {}}
        return Page((Hit("m-1", None, document, (87.5, "m-1")),), 1)

    async def get(self, view: str, id: str) -> Json | None:
        return {"id": id, "version": 1, "employer_id": "e-1", "places": [], "fact": {}}

    async def mget(
        self, keys: Sequence[tuple[str, str]], fields: Sequence[str] | None = None
    ) -> dict[tuple[str, str], Json]:
        return {key: {"id": key[1]} for key in keys}


def given_with(views: Views, **more: Any) -> Services:
    return services_with(elastic=views, clock=FixedClock(), key=b"k" * 32, **more)


def caller(role: AccountRole, id: str = "u-1") -> Principal:
    return Principal(
        id=id, role=role, name="x", login=id, employer_id="e-1", station_ids=(STATION,)
    )


async def cursor_for(given: Services, who_id: str = "u-1", view: str = "matches") -> str:
    _, following = await page(given, who_id, view, [{"term": {"a": 1}}], SORT, 1, None)
    assert following is not None
    return following


async def test_a_cursor_continues_after_the_last_document_and_shows_nothing_of_it() -> None:
    views = Views()
    given = given_with(views)
    cursor = await cursor_for(given)
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    assert b"87.5" not in raw
    assert b"m-1" not in raw
    await page(given, "u-1", "matches", [{"term": {"a": 1}}], SORT, 5, cursor)
    assert views.asked[-1]["search_after"] == [87.5, "m-1"]


@pytest.mark.parametrize(
    "other",
    [
        ("u-2", "matches", [{"term": {"a": 1}}], SORT),
        ("u-1", "openings", [{"term": {"a": 1}}], SORT),
        ("u-1", "matches", [{"term": {"a": 2}}], SORT),
        ("u-1", "matches", [{"term": {"a": 1}}], [{"changed_at": "desc"}]),
    ],
)
async def test_a_cursor_of_another_caller_list_filter_or_order_is_refused(
    other: tuple[str, str, list[Json], list[Json]],
) -> None:
    given = given_with(Views())
    cursor = await cursor_for(given)
    with pytest.raises(TokenRefused) as caught:
        await page(given, *other, 1, cursor)
    assert caught.value.status == 400
    assert caught.value.fields[0].field == "cursor"


async def test_a_cursor_expires() -> None:
    given = given_with(Views())
    cursor = await cursor_for(given)
    late = replace(given, clock=FixedClock(NOW + LIFETIME))
    with pytest.raises(TokenRefused, match="has expired"):
        await page(late, "u-1", "matches", [{"term": {"a": 1}}], SORT, 1, cursor)


@pytest.mark.parametrize(
    "forged",
    ['["x"]', "WyJ4Il0", base64.urlsafe_b64encode(json.dumps([87.5, "m"]).encode()).decode(), "é"],
)
async def test_a_forged_cursor_is_refused(forged: str) -> None:
    given = given_with(Views())
    with pytest.raises(TokenRefused):
        await page(given, "u-1", "matches", [], SORT, 1, forged)


async def test_the_next_page_of_a_queue_is_found_although_time_has_passed() -> None:
    views = Views()
    given = given_with(views)
    who = caller(AccountRole.CLERK)
    wanted = QueueFilter(older_than=timedelta(hours=1))
    _, cursor = await stations.queue_page(given, who, (STATION,), wanted, limit=1)
    later = replace(given, clock=FixedClock(NOW + timedelta(minutes=5)))
    await stations.queue_page(later, who, (STATION,), wanted, limit=1, cursor=cursor)
    assert views.asked[-1]["size"] == 2, "the entry shown, and the next"
    with pytest.raises(TokenRefused):
        await stations.queue_page(later, who, (STATION,), QueueFilter(), limit=1, cursor=cursor)


async def test_an_employers_lists_are_ordered_without_the_priority() -> None:
    views = Views()
    given = given_with(views)
    employer, staff = caller(AccountRole.EMPLOYER), caller(AccountRole.ASSOCIATION)
    await matches.list_matches_of_opening(given, employer, OPENING, limit=1)
    await matches.list_shortlist(given, employer, OPENING, limit=1)
    await matches.list_shortlist(given, staff, OPENING, limit=1)
    assert ["unboosted" in each["sort"][0] for each in views.asked] == [True, True, True]
    await matches.list_matches(given, employer, matches.MatchFilter(), limit=1)
    assert "created_at" in views.asked[-1]["sort"][0]
    await matches.list_matches_of_opening(given, staff, OPENING, limit=1)
    assert "score" in views.asked[-1]["sort"][0]


def test_a_feeds_cursor_holds_its_positions_for_its_subscriber_only() -> None:
    given = given_with(Views())
    positions = {each: 10_000_000 + number for number, each in enumerate(PARTITIONS)}
    cursor = format_cursor(given, "k-1", positions)
    assert parse_cursor(given, "k-1", cursor) == positions
    for who_id, wrong in (("k-2", cursor), ("k-1", "1." * 23 + "1"), ("k-1", "")):
        with pytest.raises(TokenRefused) as caught:
            parse_cursor(given, who_id, wrong)
        assert caught.value.fields[0].field == "since"


class OneImport:
    """Import queue with one job of `u-1`."""

    class jobs:
        @staticmethod
        def errors(id: str, after: int, most: int) -> list[Any]:
            return [{"row": after + each, "problems": []} for each in range(1, most + 1)]

        @staticmethod
        def kept_errors(id: str) -> int:
            return 7


async def test_rejected_rows_are_paged_by_a_cursor_of_that_import(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def found(*_: Any) -> None:
        return None

    monkeypatch.setattr(imports, "find_import", found)
    given = given_with(Views(), imports=cast(Any, OneImport()))
    who = caller(AccountRole.EMPLOYER)
    first = await imports.list_rejected_rows(given, who, "i-1", limit=2)
    second = await imports.list_rejected_rows(given, who, "i-1", limit=2, cursor=first.next)
    assert [each.row for each in second.items] == [3, 4]
    with pytest.raises(TokenRefused):
        await imports.list_rejected_rows(given, who, "i-2", limit=2, cursor=first.next)


@pytest.mark.parametrize(("total", "shown"), [(True, 7), (False, None)])
async def test_the_total_of_rejected_rows_is_the_number_of_those_kept(
    monkeypatch: pytest.MonkeyPatch, total: bool, shown: int | None
) -> None:
    async def found(*_: Any) -> None:
        return None

    monkeypatch.setattr(imports, "find_import", found)
    given = given_with(Views(), imports=cast(Any, OneImport()))
    who = caller(AccountRole.EMPLOYER)
    page = await imports.list_rejected_rows(given, who, "i-1", limit=2, total=total)
    assert page.total == shown
    assert ("total" in page.model_dump()) is total
