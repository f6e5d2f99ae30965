"""Number of workers who wait for an answer, for the menu."""

from __future__ import annotations

from api.access.principal import Principal
from api.conversations.waiting_workers import count_waiting
from api.ports.services import Services
from roost.errors import Transient


async def shown_count(given: Services, who: Principal) -> int:
    """Return the number; 0 while the views cannot be read, since every page asks for it."""
    try:
        return await count_waiting(given, who)
    except Transient:
        return 0
