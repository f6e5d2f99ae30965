"""Access of a match's pages to its worker."""

from __future__ import annotations

from typing import Any

from api.access import belonging
from api.access.principal import Principal
from api.ports.services import Services
from roost.events.account import Permission
from roost.events.match import Match


async def may_see_worker(
    given: Services, who: Principal, match: Match, profile: dict[str, Any]
) -> bool:
    """Return whether a page may show the profile; after its end, a match gives no access."""
    if match.state.active:
        return True
    permission, id = Permission.PROFILES_READ, match.worker_id
    return await belonging.reaches_worker(given, who, permission, id, profile)
