"""Passwords are checked a few at a time, and who keeps getting them wrong has to wait.

Failures are counted in this process, in memory: with N processes of the API, N times as many.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from api.access.refusals import TooManyTries
from roost.security import passwords

AT_ONCE = 2
"""Each takes 64 MiB and a tenth of a second of two cores."""
MOST: tuple[tuple[str, RateLimitItem], ...] = (
    ("pair", parse("5 per 5 minutes")),
    ("login", parse("30 per hour")),
    ("address", parse("100 per hour")),
)
"""Failures by login and address, by login from anywhere, and by address whatever the login: many
people may stand behind the one address of a station."""


class ThrottledPasswords:
    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._failures = MovingWindowRateLimiter(MemoryStorage())

    async def hashed(self, password: str) -> str:
        async with self._slots:
            return await asyncio.to_thread(passwords.hashed, password)

    async def verified(self, hash: str | None, password: str) -> bool:
        async with self._slots:
            return await asyncio.to_thread(passwords.verified, hash, password)

    @asynccontextmanager
    async def attempt(self, login: str, address: str) -> AsyncIterator[ThrottledAttempt]:
        """One try to sign in, one of a login at a time. Raises TooManyTries."""
        attempt = ThrottledAttempt(self._failures, login, address)
        async with self._slots:
            attempt.check()
            yield attempt


class ThrottledAttempt:
    """What is counted of a try; it holds a slot, so that many at once are counted one by one."""

    def __init__(self, failures: MovingWindowRateLimiter, login: str, address: str) -> None:
        self._failures = failures
        self._keys = {"pair": f"{login}\x1f{address}", "login": login, "address": address}

    def check(self) -> None:
        for name, most in MOST:
            if not self._failures.test(most, name, self._keys[name]):
                until = self._failures.get_window_stats(most, name, self._keys[name]).reset_time
                raise TooManyTries(max(1, round(until - time.time())))

    async def verified(self, hash: str | None, password: str) -> bool:
        return await asyncio.to_thread(passwords.verified, hash, password)

    def failed(self) -> None:
        for name, most in MOST:
            self._failures.hit(most, name, self._keys[name])

    def succeeded(self) -> None:
        """Whoever knows the password is not held up by their own slips before."""
        self._failures.clear(MOST[0][1], "pair", self._keys["pair"])
