"""Query parameters that name the scope of an overview, shared by the endpoints and the page."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Depends, Query

from api.access.principal import Principal
from api.access.requirements import allow
from api.overview import service
from api.overview.service import OverviewScope
from api.ports.services import Given
from roost.events.account import Permission
from roost.events.common import StationId

Reader = Annotated[Principal, allow(Permission.OVERVIEW_READ)]


async def requested_scope(
    given: Given,
    who: Reader,
    stations: Annotated[
        list[StationId] | None, Query(max_length=100, description="yours without it")
    ] = None,
    first: Annotated[date | None, Query(alias="from", description="two weeks without it")] = None,
    last: Annotated[date | None, Query(alias="to", description="today without it")] = None,
) -> OverviewScope:
    """Return the scope that a request names. Raises Invalid and NotFound."""
    return await service.scope_of(given, who, stations=stations, first=first, last=last)


Scope = Annotated[OverviewScope, Depends(requested_scope)]
