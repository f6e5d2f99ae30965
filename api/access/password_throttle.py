"""Password checks, a few at a time, with a waiting time after repeated failures.

Failures are counted in the memory of this process: N API processes allow N times as many.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from api.access.refusals import TooManyTries
from roost.security import passwords

AT_ONCE = 2
"""Concurrent password checks; each takes 64 MiB and a tenth of a second of two cores."""
MOST: tuple[tuple[str, RateLimitItem], ...] = (
    ("pair", parse("5 per 5 minutes")),
    ("login", parse("30 per hour")),
    ("address", parse("100 per hour")),
)
"""Allowed failures by login and address, by login from any address, and by address.

The limit by address is the widest because many people may share the address of a station."""

Verify = Callable[[str | None, str], Awaitable[bool]]


class ThrottledPasswords:
    """Hashes and checks passwords with bounded concurrency, and counts failed attempts."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(AT_ONCE)
        # Threads of their own: a sign-in waits for no other work of the process.
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="passwords")
        self._failures = MovingWindowRateLimiter(MemoryStorage())

    async def hashed(self, password: str) -> str:
        """Return the hash to store."""
        async with self._slots:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, passwords.hashed, password)

    async def verified(self, hash: str | None, password: str) -> bool:
        """Return whether the password matches the hash."""
        async with self._slots:
            return await self._verified(hash, password)

    @asynccontextmanager
    async def attempt(self, login: str, address: str) -> AsyncIterator[ThrottledAttempt]:
        """Begin an attempt to sign in, holding a slot until it ends. Raises TooManyTries."""
        attempt = ThrottledAttempt(self._failures, login, address, self._verified)
        async with self._slots:
            attempt.check()
            yield attempt

    async def _verified(self, hash: str | None, password: str) -> bool:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, passwords.verified, hash, password)


class ThrottledAttempt:
    """One attempt to sign in; because it holds a slot, concurrent attempts are all counted."""

    def __init__(
        self, failures: MovingWindowRateLimiter, login: str, address: str, verify: Verify
    ) -> None:
        self._failures = failures
        self._verify = verify
        self._keys = {"pair": f"{login}\x1f{address}", "login": login, "address": address}

    def check(self) -> None:
        """Raise TooManyTries if a limit has been reached."""
        for name, most in MOST:
            if not self._failures.test(most, name, self._keys[name]):
                until = self._failures.get_window_stats(most, name, self._keys[name]).reset_time
                raise TooManyTries(max(1, round(until - time.time())))

    async def verified(self, hash: str | None, password: str) -> bool:
        """Return whether the password matches the hash."""
        return await self._verify(hash, password)

    def failed(self) -> None:
        """Count a failure against the login and the address."""
        for name, most in MOST:
            self._failures.hit(most, name, self._keys[name])

    def succeeded(self) -> None:
        """Reset the failures of this login from this address."""
        self._failures.clear(MOST[0][1], "pair", self._keys["pair"])
