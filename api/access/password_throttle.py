"""Password checks, a few at a time, with a waiting time after repeated failures.

Nobody can lock an account for its owner. Failures count against the network that they come from;
a login that is guessed from many networks only leaves each new network fewer tries. A browser in
which the account has signed in before has its own counters. Failures are counted in the memory of
this process: N API processes allow N times as many.
"""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from api.access.refusals import TooManyTries
from roost.security import passwords
from roost.security.networks import network_of, site_of

AT_ONCE = 2
"""Concurrent password checks, of known browsers and of strangers each. A check takes 64 MiB and a
tenth of a second of two cores."""
MOST_WAITING = 200
"""Strangers who may wait for a check, about ten seconds; further ones are asked to return."""
RETURN_AFTER_S = 10
BY_LOGIN_AND_NETWORK = parse("5 per 5 minutes")
WHILE_GUESSED = parse("1 per 15 minutes")
"""Failures by login and network while the login is being guessed from elsewhere."""
BY_LOGIN = parse("30 per hour")
"""Failures at a login from all strangers, after which it counts as being guessed."""
BY_NETWORK = parse("100 per hour")
"""Failures by network. Many people may share the address of a station."""
BY_SITE = parse("1000 per hour")
"""Failures by IPv6 /48, which holds 65,536 networks of one customer."""
BY_BROWSER = parse("5 per 5 minutes")
BY_BROWSER_HOURLY = parse("30 per hour")
CODES_BY_LOGIN = parse("10 per hour")
"""Wrong second factors of strangers; only a person who knows the password reaches them."""
Verify = Callable[[str | None, str], Awaitable[bool]]


class ThrottledPasswords:
    """Hashes and checks passwords with bounded concurrency, and counts failed attempts."""

    def __init__(self) -> None:
        self._strangers = asyncio.Semaphore(AT_ONCE)
        self._known = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        # Separate threads: a sign-in waits for no other work of the process, and a known
        # browser for no stranger's check.
        self._threads = ThreadPoolExecutor(2 * AT_ONCE, thread_name_prefix="passwords")
        self._failures = MovingWindowRateLimiter(MemoryStorage())

    async def hashed(self, password: str) -> str:
        """Return the hash to store."""
        async with self._known:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, passwords.hashed, password)

    async def verified(self, hash: str | None, password: str) -> bool:
        """Return whether the password matches the hash."""
        async with self._known:
            return await self._verified(hash, password)

    @asynccontextmanager
    async def attempt(
        self, login: str, host: str, known: str | None = None
    ) -> AsyncIterator[ThrottledAttempt]:
        """Begin an attempt to sign in, holding a slot until it ends. Raises TooManyTries.

        `known` is the id of a browser in which the account has signed in before.
        """
        if known is not None:
            attempt: ThrottledAttempt = _KnownAttempt(self._failures, self._verified, login, known)
            async with self._known:
                attempt.check()
                yield attempt
            return
        if self._waiting >= MOST_WAITING:
            raise TooManyTries(RETURN_AFTER_S, "queue")
        attempt = _StrangersAttempt(self._failures, self._verified, login, host)
        self._waiting += 1
        try:
            await self._strangers.acquire()
        finally:
            self._waiting -= 1
        try:
            attempt.check()
            yield attempt
        finally:
            self._strangers.release()

    async def _verified(self, hash: str | None, password: str) -> bool:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, passwords.verified, hash, password)


class ThrottledAttempt(ABC):
    """One attempt to sign in; because it holds a slot, concurrent attempts are all counted."""

    def __init__(self, failures: MovingWindowRateLimiter, verify: Verify) -> None:
        self._failures = failures
        self._verify = verify

    @abstractmethod
    def check(self) -> None:
        """Raise TooManyTries if a limit has been reached."""

    async def verified(self, hash: str | None, password: str) -> bool:
        """Return whether the password matches the hash."""
        return await self._verify(hash, password)

    @abstractmethod
    def failed(self) -> None:
        """Count a failure."""

    @abstractmethod
    def check_factor(self) -> None:
        """Raise TooManyTries after too many wrong second factors."""

    def factor_failed(self) -> None:
        """Count a wrong second factor."""
        self.failed()

    @abstractmethod
    def succeeded(self) -> None:
        """Reset the failures of this login from this origin."""

    def _check(self, cause: str, most: RateLimitItem, key: str) -> None:
        if not self._failures.test(most, cause, key):
            until = self._failures.get_window_stats(most, cause, key).reset_time
            raise TooManyTries(max(1, round(until - time.time())), cause)


class _StrangersAttempt(ThrottledAttempt):
    """Attempt from a browser in which the account has not signed in before."""

    def __init__(
        self, failures: MovingWindowRateLimiter, verify: Verify, login: str, host: str
    ) -> None:
        super().__init__(failures, verify)
        self._login = login
        self._network, self._site = network_of(host), site_of(host)
        self._pair = f"{login}\x1f{self._network}"

    def check(self) -> None:
        self._check("login-and-network", BY_LOGIN_AND_NETWORK, self._pair)
        self._check("network", BY_NETWORK, self._network)
        self._check("site", BY_SITE, self._site)
        if not self._failures.test(BY_LOGIN, "login", self._login):
            self._check("guessed-login", WHILE_GUESSED, self._pair)

    def failed(self) -> None:
        for name, most, key in (
            ("login-and-network", BY_LOGIN_AND_NETWORK, self._pair),
            ("guessed-login", WHILE_GUESSED, self._pair),
            ("login", BY_LOGIN, self._login),
            ("network", BY_NETWORK, self._network),
            ("site", BY_SITE, self._site),
        ):
            self._failures.hit(most, name, key)

    def check_factor(self) -> None:
        self._check("second-factor", CODES_BY_LOGIN, self._login)

    def factor_failed(self) -> None:
        self.failed()
        self._failures.hit(CODES_BY_LOGIN, "second-factor", self._login)

    def succeeded(self) -> None:
        self._failures.clear(BY_LOGIN_AND_NETWORK, "login-and-network", self._pair)
        self._failures.clear(WHILE_GUESSED, "guessed-login", self._pair)


class _KnownAttempt(ThrottledAttempt):
    """Attempt from a browser in which the account has signed in before."""

    def __init__(
        self, failures: MovingWindowRateLimiter, verify: Verify, login: str, browser: str
    ) -> None:
        super().__init__(failures, verify)
        self._key = f"{login}\x1f{browser}"

    def check(self) -> None:
        self._check("browser", BY_BROWSER, self._key)
        self._check("browser-hourly", BY_BROWSER_HOURLY, self._key)

    def check_factor(self) -> None:
        """Pass: a wrong second factor counts as a wrong password, which `check` limits."""

    def failed(self) -> None:
        self._failures.hit(BY_BROWSER, "browser", self._key)
        self._failures.hit(BY_BROWSER_HOURLY, "browser-hourly", self._key)

    def succeeded(self) -> None:
        self._failures.clear(BY_BROWSER, "browser", self._key)
