"""Stored profiles: the newest one known, and writes to it within the caller's reach."""

from __future__ import annotations

from collections.abc import Collection

from api.access import belonging
from api.access.principal import Principal
from api.guards.conditional import Expected
from api.lists.documents import not_found
from api.ports.latest_writes import CurrentFact
from api.ports.services import Services
from api.writes.editing import PROFILE, existing_fact
from api.writes.publishing import Derive, Written, write_fact
from roost.events.account import Permission


async def is_stored(given: Services, id: str) -> bool:
    """Return whether a worker is stored under an id."""
    return (await current_profile(given, id)).fact is not None


async def current_profile(given: Services, id: str) -> CurrentFact:
    """Return the newest profile known of an id."""
    return given.latest.over(PROFILE.view, id, await given.elastic.get(PROFILE.view, id))


async def write_existing(
    given: Services,
    who: Principal,
    permission: Permission,
    id: str,
    derive: Derive,
    expected: Expected,
    also_locked: Collection[str] = (),
) -> Written:
    """Write to a stored profile. Raises NotFound if it is absent or out of the caller's reach."""

    async def authorise(current: CurrentFact) -> None:
        fact = existing_fact(current, PROFILE, id)
        if not await belonging.reaches_worker(given, who, permission, id, fact):
            raise not_found(PROFILE.what, PROFILE.what_zh, id)

    return await write_fact(
        given, PROFILE, id, authorise, derive, expected=expected, also_locked=also_locked
    )
