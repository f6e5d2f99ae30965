"""Access tokens of WeCom and WeChat: cached, fetched once for all callers, renewed in time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from roost.time.clock import Clock

SPARE = timedelta(minutes=5)
"""Time before its end from which a token is renewed."""
SHORTEST = timedelta(seconds=30)
"""Least time for which a token is used, however short its life is said to be."""
Fetch = Callable[[], Awaitable[tuple[str, float]]]
"""Fetches a token and its life in seconds. Raises Transient or DeliveryRefused."""


class AccessTokens:
    """The current access token of one application."""

    def __init__(self, fetch: Fetch, clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._turn = asyncio.Lock()
        self._token = ""
        self._until: datetime | None = None

    async def current(self) -> str:
        """Return the token; fetch another one if there is none. Callers share one fetch."""
        async with self._turn:
            now = self._clock.now()
            if self._until is None or now >= self._until:
                self._token, life_s = await self._fetch()
                self._until = now + max(timedelta(seconds=life_s) - SPARE, SHORTEST)
            return self._token

    def drop(self, token: str) -> None:
        """Forget a token that the provider no longer accepts, unless it was replaced already."""
        if token == self._token:
            self._until = None
