"""Rate limits: a bucket for every account or owner of keys, and for every address.

A bucket is one number (GCRA: the time at which it will be empty), so taking from it costs a few
microseconds. The number of buckets is bounded; the least recently used are dropped. They are held
in this process: N API processes allow N times as many requests.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.guards.open_paths import JOIN, SIGN_IN_PAGE
from api.guards.problem_responses import problem
from roost.carriers import report_links
from roost.contact import search_links, sharing_links, stop_links
from roost.errors import Refused
from roost.security.networks import network_of
from roost.settings import Settings

WINDOW_S = 60
MOST_BUCKETS = 50_000
"""Number of buckets kept, about 10 MB; a flood from more addresses only drops the oldest."""
PROBES = ("/health/",)
"""Paths of orchestrators' probes, with a bucket that other requests do not fill."""
SIGN_IN = ("/v1/sign-in", SIGN_IN_PAGE, f"{JOIN}/")
"""Paths usable to guess passwords, with a bucket that visitors of public pages do not fill."""
PROVIDER = ("/v1/sign-in/oidc",)
"""Paths that may lead to requests to the OpenID Connect provider, with a separate bucket."""
OPEN = (
    "/v1/public/",
    "/feeds/",
    "/calendars/",
    f"{stop_links.PATH}/",
    f"{report_links.PATH}/",
    f"{sharing_links.PATH}/",
    f"{search_links.PATH}/",
)
"""Paths open to everybody."""


class TooOften(Refused):
    """The bucket of the caller is full."""

    status = 429
    slug = "too-often"
    title = "Too many requests"
    title_zh = "请求过于频繁"

    def __init__(self, wait_s: int) -> None:
        super().__init__(
            f"Too many requests; try again in {wait_s} s.",
            f"请求过于频繁，请在 {wait_s} 秒后重试。",
        )
        self.headers = {"retry-after": str(wait_s)}


@dataclass(frozen=True, slots=True)
class BucketState:
    """Outcome for one request: whether it may pass, and the state of the bucket."""

    passes: bool
    remaining: int
    reset_s: int
    """Seconds until the bucket is empty and a full burst may pass."""
    wait_s: int = 0


class Buckets:
    """Buckets of one policy, by owner. The time is a parameter; nothing here waits."""

    def __init__(self, name: str, per_minute: int, most: int = MOST_BUCKETS) -> None:
        self.name = name
        self._interval = WINDOW_S / per_minute
        self._burst = max(10, per_minute // 6)
        self._most = most
        self._empty_at: OrderedDict[str, float] = OrderedDict()
        self.policy = f'"{name}";q={per_minute};w={WINDOW_S}'.encode()

    def __len__(self) -> int:
        return len(self._empty_at)

    def take(self, owner: str, now: float) -> BucketState:
        """Count a request against the owner's bucket; a refused one costs nothing."""
        holds = self._burst * self._interval
        empty_at = max(self._empty_at.get(owner, now), now) + self._interval
        over = empty_at - now - holds
        if over > 1e-9:
            return BucketState(False, 0, math.ceil(holds), math.ceil(over))
        self._empty_at[owner] = empty_at
        self._empty_at.move_to_end(owner)
        if len(self._empty_at) > self._most:
            self._empty_at.popitem(last=False)
        left = int((holds - (empty_at - now)) / self._interval + 1e-9)
        return BucketState(True, left, math.ceil(empty_at - now))

    def headers(self, state: BucketState) -> list[tuple[bytes, bytes]]:
        """Return the rate limit headers.

        Source: draft-ietf-httpapi-ratelimit-headers.
        """
        now = f'"{self.name}";r={state.remaining};t={state.reset_s}'.encode()
        return [(b"ratelimit-policy", self.policy), (b"ratelimit", now)]


BucketChoice = tuple[Buckets, str]
"""The buckets of a policy, and the owner of the bucket."""


class RateLimitMiddleware:
    """Passes a request if its bucket allows it; otherwise answers 429 with the time to wait."""

    def __init__(
        self,
        app: ASGIApp,
        choose: Callable[[Scope], BucketChoice | None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._choose = choose
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        chosen = self._choose(scope) if scope["type"] == "http" else None
        if chosen is None:
            await self._app(scope, receive, send)
            return
        buckets, owner = chosen
        state = buckets.take(owner, self._now())

        async def send_with_limits(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                # The innermost limiter's headers win.
                if all(name != b"ratelimit" for name, _ in headers):
                    headers += buckets.headers(state)
                message = {**message, "headers": headers}
            await send(message)

        if state.passes:
            await self._app(scope, receive, send_with_limits)
        else:
            refusal = problem(Request(scope), TooOften(state.wait_s))
            await refusal(scope, receive, send_with_limits)


def by_address(settings: Settings) -> Callable[[Scope], BucketChoice | None]:
    """Return the choice by address, before authentication: one bucket for each kind of path."""
    sign_in = _buckets("sign-in", settings.rate_sign_in_per_minute)
    provider = _buckets("sign-in-provider", settings.rate_provider_sign_in_per_minute)
    public = _buckets("open", settings.rate_open_per_minute)
    usual = _buckets("address", settings.rate_per_address_per_minute)
    probes = _buckets("health", settings.rate_health_per_minute)

    def choose(scope: Scope) -> BucketChoice | None:
        path = scope["path"]
        by_path = ((PROBES, probes), (PROVIDER, provider), (SIGN_IN, sign_in), (OPEN, public))
        buckets = next((each for paths, each in by_path if path.startswith(paths)), usual)
        return None if buckets is None else (buckets, network_of_client(scope))

    return choose


def by_principal(settings: Settings) -> Callable[[Scope], BucketChoice | None]:
    """Return the choice by caller, after authentication; others are counted by address only."""
    usual = _buckets("principal", settings.rate_per_principal_per_minute)

    def choose(scope: Scope) -> BucketChoice | None:
        who = scope.get("state", {}).get("principal")
        return None if usual is None or who is None else (usual, who.counted_as)

    return choose


def network_of_client(scope: Scope) -> str:
    """Return the network that requests of a client are counted by."""
    return network_of(str((scope.get("client") or ("",))[0]))


def _buckets(name: str, per_minute: int) -> Buckets | None:
    return Buckets(name, per_minute) if per_minute else None
