"""Rate limits."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.app import create_app
from api.guards import problem_responses
from api.guards.rate_limits import (
    Buckets,
    RateLimitMiddleware,
    by_address,
    by_principal,
    network_of_client,
)
from api.guards.request_timeouts import RequestTimeoutMiddleware
from api.guards.security_headers import SecurityHeadersMiddleware
from api.imports.pending import PendingImports, TooManyImports
from roost.errors import RoostError
from roost.settings import Settings


class Named:
    """Sets the caller from a header, in place of authentication."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        if "x-name" in request.headers:
            request.state.principal = type("Who", (), {"counted_as": request.headers["x-name"]})
        await self._app(scope, receive, send)


def served(**settings: Any) -> httpx.AsyncClient:
    app, made = FastAPI(), Settings(**settings)

    @app.get("/v1/openings")
    @app.get("/v1/sign-in")
    @app.get("/health/live")
    async def answer() -> str:
        return "yes"

    app.add_middleware(RateLimitMiddleware, choose=by_principal(made))
    app.add_middleware(Named)
    app.add_middleware(RateLimitMiddleware, choose=by_address(made))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://roost")


def test_as_much_passes_at_once_as_the_bucket_holds_and_then_by_and_by() -> None:
    buckets = Buckets("test", 600)  # ten per second, a burst of a hundred
    assert [buckets.take("a", 0.0).passes for _ in range(101)] == [True] * 100 + [False]
    assert buckets.take("a", 0.0).wait_s == 1
    assert buckets.take("a", 0.1).passes
    assert not buckets.take("a", 0.1).passes
    assert [buckets.take("a", 20.0).passes for _ in range(101)] == [True] * 100 + [False]


def test_what_is_left_is_told() -> None:
    buckets = Buckets("test", 600)
    assert [buckets.take("a", 0.0).remaining for _ in range(3)] == [99, 98, 97]
    assert buckets.take("a", 0.0).reset_s == 1
    assert buckets.headers(buckets.take("a", 0.0))[1] == (b"ratelimit", b'"test";r=95;t=1')


def test_a_refused_request_costs_nothing() -> None:
    buckets = Buckets("test", 600)
    for _ in range(1_000):
        buckets.take("a", 0.0)
    assert buckets.take("a", 0.11).passes


def test_of_buckets_only_so_many_are_kept() -> None:
    buckets = Buckets("test", 600, most=3)
    for whose in "abcadea":
        buckets.take(whose, 0.0)
    assert len(buckets) == 3
    assert buckets.take("a", 0.0).remaining == 96, "what is used stays"


async def test_a_noisy_key_is_refused_and_a_quiet_one_is_not() -> None:
    async with served(rate_per_principal_per_minute=60) as api:
        noisy = [await api.get("/v1/openings", headers={"x-name": "k-noisy"}) for _ in range(12)]
        quiet = await api.get("/v1/openings", headers={"x-name": "k-quiet"})
    assert [each.status_code for each in noisy] == [200] * 10 + [429] * 2
    assert quiet.status_code == 200
    assert quiet.headers["ratelimit-policy"] == '"principal";q=60;w=60'
    assert quiet.headers["ratelimit"] == '"principal";r=9;t=1'
    refused = noisy[-1]
    assert refused.headers["retry-after"] == "1"
    assert refused.json()["type"] == "/problems/too-often"


async def test_sign_in_is_counted_more_strictly_than_the_rest() -> None:
    async with served(rate_sign_in_per_minute=60) as api:
        tries = [(await api.get("/v1/sign-in")).status_code for _ in range(12)]
        others = [(await api.get("/v1/openings")).status_code for _ in range(12)]
    assert tries == [200] * 10 + [429] * 2
    assert set(others) == {200}


async def test_visitors_of_public_pages_do_not_use_up_the_sign_in() -> None:
    async with served(rate_open_per_minute=60, rate_sign_in_per_minute=60) as api:
        visits = [(await api.get("/v1/public/openings")).status_code for _ in range(12)]
        stop = (await api.get("/v1/stop/x")).status_code
        sign_in = await api.get("/v1/sign-in")
    assert visits[10:] == [429, 429]
    assert (stop, sign_in.status_code) == (429, 200)
    assert sign_in.headers["ratelimit-policy"] == '"sign-in";q=60;w=60'


@pytest.mark.parametrize("path", ["/v1/sign-in/oidc", "/v1/sign-in/oidc/callback"])
async def test_sign_in_by_provider_is_limited_and_uses_up_no_other_sign_in(path: str) -> None:
    async with served(rate_provider_sign_in_per_minute=60) as api:
        begun = [(await api.get(path)).status_code for _ in range(12)]
        by_password = await api.get("/v1/sign-in")
    assert begun[10:] == [429, 429]
    assert by_password.status_code == 200


async def test_an_address_without_a_key_has_a_bucket_too() -> None:
    async with served(rate_per_address_per_minute=60) as api:
        asked = [(await api.get("/v1/openings")).status_code for _ in range(11)]
        health = await api.get("/health/live")
    assert asked == [200] * 10 + [429]
    assert health.status_code == 200


async def test_probes_have_a_limit_that_other_requests_do_not_use_up() -> None:
    async with served(rate_health_per_minute=60) as api:
        probed = [(await api.get("/health/live")).status_code for _ in range(12)]
        unknown = (await api.get("/health/x")).status_code
        others = (await api.get("/v1/openings")).status_code
    assert probed == [200] * 10 + [429] * 2
    assert (unknown, others) == (429, 200)


async def test_nothing_is_counted_where_the_settings_say_so() -> None:
    off = dict.fromkeys(
        (
            "rate_per_principal_per_minute",
            "rate_per_address_per_minute",
            "rate_open_per_minute",
            "rate_sign_in_per_minute",
            "rate_provider_sign_in_per_minute",
            "rate_health_per_minute",
        ),
        0,
    )
    async with served(**off) as api:
        answer = await api.get("/v1/sign-in", headers={"x-name": "k-1"})
        health = await api.get("/health/live")
    assert "ratelimit" not in answer.headers
    assert "ratelimit" not in health.headers


def test_the_addresses_of_one_household_share_a_bucket() -> None:
    def of(host: str) -> str:
        return network_of_client({"type": "http", "client": (host, 1)})

    assert of("2001:db8:1:2::1") == of("2001:db8:1:2:ffff::9") == "2001:db8:1:2::/64"
    assert of("2001:db8:1:3::1") != of("2001:db8:1:2::1")
    assert of("203.0.113.7") == "203.0.113.7"
    assert of("fe80::1%eth0") == "fe80::/64"


async def test_the_guards_cost_little() -> None:
    """Headers, buckets and the deadline together cost an answer less than 500 µs."""

    async def bare(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    settings = Settings(rate_per_address_per_minute=10**9, rate_per_principal_per_minute=10**9)
    guarded: ASGIApp = RateLimitMiddleware(bare, by_principal(settings))
    guarded = SecurityHeadersMiddleware(
        problem_responses.UnhandledErrorMiddleware(
            RateLimitMiddleware(RequestTimeoutMiddleware(guarded, 60), by_address(settings))
        ),
        over_https=True,
    )
    microseconds = (await _time(guarded) - await _time(bare)) * 1e6
    assert microseconds < 500, f"{microseconds:.0f} µs a request"


async def _time(app: ASGIApp, times: int = 1_000) -> float:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        pass

    best = float("inf")
    for _ in range(3):
        begun = time.process_time()
        for _ in range(times):
            scope = {
                "type": "http",
                "method": "GET",
                "path": "/v1/openings",
                "client": ("203.0.113.7", 1),
                "headers": [],
                "state": {"principal": type("Who", (), {"id": "k-1"})},
            }
            await app(scope, receive, send)
        best = min(best, (time.process_time() - begun) / times)
    return best


def every_kind(error: type[RoostError] = RoostError) -> set[type[RoostError]]:
    """Return all classes of errors."""
    return {error}.union(*(every_kind(each) for each in error.__subclasses__()))


def test_every_problem_that_asks_to_wait_says_how_long() -> None:
    create_app(Settings())  # every route's errors are imported
    waiting = [each for each in every_kind() if each.status in {429, 503}]
    assert {"TooManyImports", "TooOften", "TooManyCalls", "TooManyStreams", "NotLetIn"} <= {
        each.__name__ for each in waiting
    }
    for kind in waiting:
        error = kind.__new__(kind)
        RoostError.__init__(error, "busy", "busy")
        waits = problem_responses.problem(None, error).headers.getlist("retry-after")
        assert len(waits) == 1, kind
        assert int(waits[0]) > 0, kind


def test_a_full_queue_of_imports_is_tried_again_in_a_minute() -> None:
    with pytest.raises(TooManyImports) as refused:
        PendingImports(0, 0).reserve("u")
    assert problem_responses.problem(None, refused.value).headers["retry-after"] == "60"
