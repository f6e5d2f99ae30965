"""How often one may ask: a bucket for every account or key, and for every address.

A bucket is one number (GCRA: when it would be empty again), so taking from it costs a few
microseconds, and of buckets only so many are kept: those unused longest go first. They are counted
in this process: with N processes of the API, N times as much is let through.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.guards.open_paths import SIGN_IN_PAGE
from api.guards.problem_responses import problem
from roost.contact import stop_links
from roost.errors import Refused
from roost.settings import Settings

WINDOW_S = 60
MOST_BUCKETS = 50_000
"""About 10 MB; who fills them from so many addresses only makes the oldest be forgotten."""
UNCOUNTED = ("/health/",)
STRICT = ("/v1/sign-in", SIGN_IN_PAGE, "/v1/public/", "/feeds/", f"{stop_links.PATH}/")
"""What anybody may ask without a key, and what guesses passwords."""


class TooOften(Refused):
    status = 429
    slug = "too-often"
    title = "Too many requests"
    title_zh = "请求过于频繁"


@dataclass(frozen=True, slots=True)
class BucketState:
    """What became of one request: whether it may pass, and how the bucket is now."""

    passes: bool
    remaining: int
    reset_s: int
    """Until as much as the bucket holds may pass at once again."""
    wait_s: int = 0


class Buckets:
    """Of one policy, by whom they belong to. Nothing here waits or reads a clock."""

    def __init__(self, name: str, per_minute: int, most: int = MOST_BUCKETS) -> None:
        self.name = name
        self._interval = WINDOW_S / per_minute
        self._burst = max(10, per_minute // 6)
        self._most = most
        self._empty_at: OrderedDict[str, float] = OrderedDict()
        self.policy = f'"{name}";q={per_minute};w={WINDOW_S}'.encode()

    def __len__(self) -> int:
        return len(self._empty_at)

    def take(self, whose: str, now: float) -> BucketState:
        holds = self._burst * self._interval
        empty_at = max(self._empty_at.get(whose, now), now) + self._interval
        over = empty_at - now - holds
        if over > 1e-9:
            return BucketState(False, 0, math.ceil(holds), math.ceil(over))
        self._empty_at[whose] = empty_at
        self._empty_at.move_to_end(whose)
        if len(self._empty_at) > self._most:
            self._empty_at.popitem(last=False)
        left = int((holds - (empty_at - now)) / self._interval + 1e-9)
        return BucketState(True, left, math.ceil(empty_at - now))

    def told(self, taken: BucketState) -> list[tuple[bytes, bytes]]:
        """draft-ietf-httpapi-ratelimit-headers, and `Retry-After` for who has to wait."""
        now = f'"{self.name}";r={taken.remaining};t={taken.reset_s}'.encode()
        headers = [(b"ratelimit-policy", self.policy), (b"ratelimit", now)]
        return headers if taken.passes else [*headers, (b"retry-after", b"%d" % taken.wait_s)]


BucketChoice = tuple[Buckets, str]
"""A policy, and whose bucket of it."""


class RateLimitMiddleware:
    """Lets pass what the bucket of a request allows; else 429 with the time to wait."""

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
        buckets, whose = chosen
        taken = buckets.take(whose, self._now())

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                # The bucket that is nearer to who asks has the word.
                if all(name != b"ratelimit" for name, _ in headers):
                    headers += buckets.told(taken)
                message = {**message, "headers": headers}
            await send(message)

        if taken.passes:
            await self._app(scope, receive, tell)
        else:
            await problem(Request(scope), _too_often(taken))(scope, receive, tell)


def _too_often(taken: BucketState) -> TooOften:
    return TooOften(
        f"Too many requests; try again in {taken.wait_s} s.",
        f"请求过于频繁，请在 {taken.wait_s} 秒后重试。",
    )


def by_address(settings: Settings) -> Callable[[Scope], BucketChoice | None]:
    """Before it is known who asks: strict for what is open to anybody, else generous."""
    strict = _buckets("open", settings.rate_open_per_minute)
    usual = _buckets("address", settings.rate_per_address_per_minute)

    def choose(scope: Scope) -> BucketChoice | None:
        path = scope["path"]
        if path.startswith(UNCOUNTED):
            return None
        buckets = strict if path.startswith(STRICT) else usual
        return None if buckets is None else (buckets, network_of(scope))

    return choose


def by_principal(settings: Settings) -> Callable[[Scope], BucketChoice | None]:
    """Once it is known who asks; who is nobody has been counted by the address."""
    usual = _buckets("principal", settings.rate_per_principal_per_minute)

    def choose(scope: Scope) -> BucketChoice | None:
        who = scope.get("state", {}).get("principal")
        return None if usual is None or who is None else (usual, who.id)

    return choose


def network_of(scope: Scope) -> str:
    """The address; of version 6 the network of 64 bits, which one household has to itself."""
    host = str((scope.get("client") or ("",))[0])
    if ":" not in host:
        return host
    try:
        return str(ipaddress.ip_network((host.partition("%")[0], 64), strict=False))
    except ValueError:
        return host


def _buckets(name: str, per_minute: int) -> Buckets | None:
    return Buckets(name, per_minute) if per_minute else None
