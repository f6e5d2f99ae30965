"""Queue that a request of the console names: its filters, station, and the stations to choose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.queue import board
from api.console.queue.filters import Filters, filters_from_query
from api.ports.services import Given
from roost.events.account import Permission

Clerk = Annotated[Principal, allow(Permission.MATCHES_ASSIGN)]


@dataclass(frozen=True, slots=True)
class ChosenQueue:
    """Filters of a request, with their station, and the stations to choose from."""

    filters: Filters
    stations: board.Choices


async def chosen_queue(request: Request, given: Given, who: Clerk) -> ChosenQueue:
    """Return the queue that a request names. Raises NotFound if it is out of reach."""
    own = await board.stations_of(given, who)
    filters = filters_from_query(request.query_params)
    return ChosenQueue(await board.at_station(given, who, filters, own), own)


Chosen = Annotated[ChosenQueue, Depends(chosen_queue)]
