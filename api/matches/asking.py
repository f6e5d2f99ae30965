"""The check before a worker is asked whether an employer may have name and contact details."""

from __future__ import annotations

from typing import Any

from api.ports.services import Services
from roost.errors import Conflict
from roost.rules import visibility
from roost.topics import PROFILES
from roost.views.elastic import Json


async def check_askable(given: Services, document: Json) -> None:
    """Raise Conflict if the worker shares name and contact details without being asked."""
    profile = await given.elastic.get(PROFILES.name, document["worker_id"])
    chosen: dict[str, Any] = ((profile or {}).get("fact") or {}).get("shownToEmployers", {})
    by_default = chosen.get("name", False) and chosen.get("contact", False)
    if by_default or visibility.shares_all(document.get("fact") or {}):
        raise Conflict(
            "The worker shares name and contact details already; no question is needed.",
            "本人已同意提供姓名和联系方式，无需再次征询。",
        )
