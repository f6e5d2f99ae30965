"""Bounded cache of the last day's answers, by key. Pure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import MappingProxyType

from roost.errors import Conflict
from roost.events.request import Answered

RETENTION = timedelta(hours=24)
AGAIN_S = 1


class KeyReused(Conflict):
    """The key was used for another request."""

    slug = "idempotency-key-reused"
    title = "The key was used for another request"
    title_zh = "幂等键已用于其他请求"


class RequestInFlight(Conflict):
    """Another request with the same key is still in flight."""

    slug = "idempotency-key-in-flight"
    title = "The same request is still in progress"
    title_zh = "相同请求正在处理"
    headers = MappingProxyType({"retry-after": str(AGAIN_S)})


class AnswerCache:
    """At most `most` answers; beyond that the oldest are evicted before their day is over.

    A write repeated after an eviction runs again and creates the same entity under the same id.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[str, Answered] = OrderedDict()
        self._in_flight: set[str] = set()
        self.forgotten_early = 0

    def __len__(self) -> int:
        return len(self._held)

    def get(self, key: str, asked: str, now: datetime) -> Answered | None:
        """Return the stored answer. Raises KeyReused if the key was used for another request."""
        self._forget(now)
        found = self._held.get(key)
        if found is not None and found.asked != asked:
            raise KeyReused(
                "This Idempotency-Key was used for another request; use a new key for each.",
                "该 Idempotency-Key 已用于另一个请求，请为每个请求使用新的键。",
            )
        return found

    def put(self, answered: Answered, now: datetime) -> None:
        """Store an answer; the first one under a key wins."""
        if answered.at > now - RETENTION:
            self._held.setdefault(answered.key, answered)
        self._forget(now)

    @contextmanager
    def working_on(self, key: str) -> Iterator[None]:
        """Hold the key while its request runs. Raises RequestInFlight if it is held already."""
        if key in self._in_flight:
            raise RequestInFlight(
                "A request with this Idempotency-Key is in progress; try again in a moment.",
                "使用该 Idempotency-Key 的请求正在处理，请稍后重试。",
            )
        self._in_flight.add(key)
        try:
            yield
        finally:
            self._in_flight.discard(key)

    def _forget(self, now: datetime) -> None:
        while self._held:
            key, oldest = next(iter(self._held.items()))
            too_many = len(self._held) > self._most
            if not too_many and oldest.at > now - RETENTION:
                return
            self.forgotten_early += too_many
            del self._held[key]
