"""Stations as choices on the pages of accounts and keys."""

from __future__ import annotations

from api.console.admin.admin_forms import named
from api.ports.services import Services
from api.stations.service import all_stations


async def station_choices(given: Services) -> list[tuple[str, str]]:
    """Return every station's id and name, by name."""
    return named(await all_stations(given))
