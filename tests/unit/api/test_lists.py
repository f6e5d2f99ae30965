"""Filters as typed clauses, sparse fields, and deprecated routes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from api.deprecations.deprecated_routes import NOTICE, TABLE, DeprecatedRoute, deprecated_route
from api.deprecations.deprecation_middleware import DeprecationMiddleware
from api.lists import clauses
from api.lists.sparse import names_of, only, source_of, sparse
from roost.errors import Invalid
from roost.events.opening import Opening, OpeningStatus
from roost.places.gazetteer import gazetteer
from tests.unit.api.clause_evaluation import meets
from tests.unit.api.walk import routes


def test_what_is_written_is_a_value_and_never_a_query() -> None:
    (clause,) = clauses.containing("title", 'weld* "}},{\\ ?')
    asked = clause["bool"]["filter"]
    values = [each["wildcard"]["title"]["value"] for each in asked]
    assert values == ["*weld\\**", '*"}},{\\\\*', "*\\?*"]


def test_a_search_has_the_spelling_of_the_index() -> None:
    (clause,) = clauses.containing("title", "ＣＮＣ　電焊 ⻄")
    values = [each["wildcard"]["title"]["value"] for each in clause["bool"]["filter"]]
    assert values == ["*cnc*", "*电焊*", "*西*"]


def test_what_is_not_given_filters_nothing() -> None:
    assert clauses.equal("status", None) == clauses.one_of("status", None) == []
    assert clauses.between("at", None, None) == clauses.containing("title", " ") == []
    assert clauses.in_place("places", None, gazetteer()) == []


def test_clauses_say_what_is_asked() -> None:
    assert clauses.equal("status", OpeningStatus.OPEN) == [{"term": {"status": "open"}}]
    at = datetime(2026, 1, 2, tzinfo=UTC)
    assert clauses.between("at", at, None) == [
        {"range": {"at": {"gte": "2026-01-02T00:00:00+00:00"}}}
    ]
    assert clauses.in_place("places", "山西省", gazetteer()) == [{"term": {"places": "cn:14"}}]
    assert clauses.in_place("places", "cn", gazetteer()) == [{"term": {"places": "cn"}}]
    with pytest.raises(Invalid):
        clauses.in_place("places", "无此地方", gazetteer())


NOVEMBER_2 = date(2026, 11, 2)


@pytest.mark.parametrize(
    ("zone", "posted", "listed"),
    [
        ("Asia/Shanghai", "2026-11-02T07:30:00+08:00", True),
        ("Asia/Shanghai", "2026-11-03T07:30:00+08:00", False),
        ("Asia/Shanghai", "2026-11-01T23:59:59.999999+08:00", False),
        ("Asia/Shanghai", "2026-11-02T23:59:59.999999+08:00", True),
        ("America/New_York", "2026-11-02T00:00:00-05:00", True),
        ("America/New_York", "2026-11-01T23:59:59-05:00", False),
    ],
)
def test_days_of_a_filter_are_the_countys(zone: str, posted: str, listed: bool) -> None:
    (clause,) = clauses.on_days("created_at", NOVEMBER_2, NOVEMBER_2, ZoneInfo(zone))
    assert meets({"created_at": posted}, clause) is listed


ZONES = ["Asia/Shanghai", "America/New_York", "Africa/Cairo", "America/Havana", "Pacific/Apia"]


@given(st.sampled_from(ZONES), st.datetimes(datetime(2011, 1, 1), datetime(2027, 1, 1)))
def test_every_moment_is_listed_on_its_own_day_alone(name: str, naive: datetime) -> None:
    zone, moment = ZoneInfo(name), naive.replace(tzinfo=UTC)
    day = moment.astimezone(zone).date()
    listed = [
        each
        for each in (day - timedelta(days=1), day, day + timedelta(days=1))
        for clause in clauses.on_days("at", each, each, zone)
        if meets({"at": moment.isoformat()}, clause)
    ]
    assert listed == [day]


@pytest.mark.parametrize("zone", ZONES)
def test_days_at_the_ends_of_the_calendar_leave_the_range_open(zone: str) -> None:
    assert clauses.on_days("at", date.min, date.max, ZoneInfo(zone)) == []
    assert clauses.on_days("at", None, None, ZoneInfo(zone)) == []


async def test_sparse_fields_are_of_the_thing_itself() -> None:
    chosen = sparse(Opening).dependency
    assert await chosen(None) is None
    assert await chosen("title, baseSalary,") == {"id", "version", "title", "baseSalary"}
    assert "base_salary" not in names_of(Opening)
    with pytest.raises(Invalid, match="salary"):
        await chosen("title,salary")
    title = await chosen("title")
    assert only({"id": 1, "title": 2, "x": 3}, title) == {"id": 1, "title": 2}
    assert source_of(title) == ["id", "version", "fact.id", "fact.title", "fact.version"]


OLD_ROUTE = DeprecatedRoute(
    name="old",
    method="GET",
    path="/v1/old/{id}",
    since=datetime(2026, 1, 1, tzinfo=UTC),
    sunset=datetime(2027, 1, 1, tzinfo=UTC),
    instead="ask /v1/new",
    instead_zh="请使用 /v1/new",
)


async def test_a_deprecated_route_says_so_in_its_answers() -> None:
    app = FastAPI()

    @app.get("/v1/{what}/{id}")
    async def anything(what: str, id: str) -> str:
        return id

    transport = httpx.ASGITransport(DeprecationMiddleware(app, (OLD_ROUTE,)))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get("/v1/old/1")
        assert answer.headers["deprecation"] == "@1767225600"
        assert answer.headers["sunset"] == "Fri, 01 Jan 2027 00:00:00 GMT"
        assert 'rel="deprecation"' in answer.headers["link"]
        assert "deprecation" not in (await client.get("/v1/new/1")).headers
    assert deprecated_route("POST", "/v1/old/1", (OLD_ROUTE,)) is None
    assert deprecated_route("GET", "/v1/old/1/2", (OLD_ROUTE,)) is None


def test_what_is_going_away_is_there_still_and_stays_long_enough() -> None:
    there = {(method, each.path) for each in routes() for method in each.methods}
    for entry in TABLE:
        assert (entry.method, entry.path) in there, entry.name
        assert entry.sunset - entry.since >= NOTICE, entry.name
