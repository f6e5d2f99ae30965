"""Erased workers: whether one may return, and that nobody gives one an account or a key."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from api.ports.latest_writes import CurrentFact
from api.ports.services import Services
from api.writes.editing import PROFILE, SUPPRESSION
from producers import suppressions


async def is_suppressed(given: Services, id: str, profile: CurrentFact) -> bool:
    """Return whether a worker without a profile has been erased and not consented again."""
    document = await given.elastic.get(SUPPRESSION.view, id)
    suppression = given.latest.over(SUPPRESSION.view, id, document).fact
    erased = profile.fact is None and profile.version > 0
    return suppressions.is_suppressed({"erased": erased}, suppression)


@asynccontextmanager
async def not_erased(given: Services, worker_id: str | None) -> AsyncIterator[None]:
    """Hold the lock of a worker who gets an account or a key, so that no erasure misses it.

    A worker who is not registered yet may have one. Raises Suppressed for an erased worker.
    """
    if worker_id is None:
        yield
        return
    async with given.latest.alone(PROFILE.lock or PROFILE.view, worker_id):
        document = await given.elastic.get(PROFILE.view, worker_id)
        profile = given.latest.over(PROFILE.view, worker_id, document)
        if profile.fact is None and await is_suppressed(given, worker_id, profile):
            raise suppressions.suppressed(worker_id, "workerId")
        yield
