"""Open routes are those on the one list; every other route names the permission it needs."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi.routing import APIRoute

from api.access.policy import GRANTS
from api.app import create_app
from api.guards.open_paths import SIGN_IN_PAGE, is_open
from api.guards.reading_posts import READING_POSTS, only_reads
from roost.events.account import AccountRole, Permission
from roost.settings import Settings
from tests.unit.api.signed import Topics, given_to
from tests.unit.api.walk import allowed, known, routes

ROUTES = routes()


def name(route: APIRoute) -> str:
    return f"{'|'.join(sorted(route.methods))} {route.path}"


@pytest.mark.parametrize("route", ROUTES, ids=name)
def test_each_route_names_a_permission_or_is_on_the_open_list(route: APIRoute) -> None:
    asked = allowed(route)
    if is_open(route.path):
        assert asked == [], "an open path must not require a permission"
    else:
        assert asked or known(route), "the route names no permission: Annotated[…, allow(…)]"


@pytest.mark.parametrize("route", ROUTES, ids=name)
def test_what_changes_something_needs_more_than_reading(route: APIRoute) -> None:
    changing = {each for each in route.methods if not only_reads(each, route.path)}
    for asked in allowed(route):
        if changing:
            assert not asked.permission.endswith(":read"), name(route)


def test_every_post_that_only_reads_is_a_route() -> None:
    posts = {route.path for route in ROUTES if "POST" in route.methods}
    assert posts >= READING_POSTS


@pytest.mark.parametrize("route", ROUTES, ids=name)
def test_no_earlier_route_takes_the_requests_of_another(route: APIRoute) -> None:
    path = re.sub(r"{[^}]*}", "x", route.path)
    first = next(
        each for each in ROUTES if each.methods & route.methods and each.path_regex.match(path)
    )
    assert first.path == route.path, f"{name(first)} comes first"


@pytest.fixture
async def stranger() -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Settings())
    given_to(app, Topics())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def test_without_a_key_nothing_else_answers(stranger: httpx.AsyncClient) -> None:
    paths = {re.sub(r"{[^}]*}", "x", route.path) for route in ROUTES if not is_open(route.path)}
    for path in sorted(paths | {"/docs", "/openapi.json", "/metrics", "/v1/nowhere", "/nowhere"}):
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            answer = await stranger.request(method, path)
            if answer.headers.get("location", "").startswith(SIGN_IN_PAGE):
                continue  # a page redirects to the sign-in page
            assert answer.status_code == 401, f"{method} {path}: {answer.status_code}"
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path", ["//v1/keys", "/v1/keys/", "/V1/KEYS", "/v1/stop/../keys", "/static/../v1/keys"]
)
async def test_no_way_of_writing_a_path_opens_it(stranger: httpx.AsyncClient, path: str) -> None:
    request = httpx.Request("GET", httpx.URL("http://test").copy_with(raw_path=path.encode()))
    answer = await stranger.send(request)
    assert answer.status_code in {401, 404}, path
    assert "items" not in answer.text


def test_every_permission_is_had_by_somebody_and_asked_for_by_some_route() -> None:
    had = frozenset().union(*(permissions for _, permissions in GRANTS.values()))
    assert had == frozenset(Permission)
    assert set(GRANTS) == set(AccountRole)


def test_the_open_list_is_short_and_says_what_it_is() -> None:
    open_now = {route.path for route in ROUTES if is_open(route.path)}
    for path in open_now:
        opens = (
            "/health/",
            "/v1/sign-in",
            "/v1/stop/",
            "/v1/provider-reports/",
            "/v1/sharing/",
            "/v1/search-end/",
            "/v1/public/",
            "/feeds/",
            "/.well-known/",
        )
        pages = (
            "/calendars/",
            SIGN_IN_PAGE,
            "/console/join/",
            "/console/language",
            "/static/",
            "/favicon.ico",
            "/robots.txt",
        )
        assert path.startswith((*opens, *pages)), path
