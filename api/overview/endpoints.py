"""Endpoints of the overview: figures of the queues by day or station, and their export."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Response

from api.lists import exports
from api.overview import service
from api.overview.overview_query import Grouping
from api.overview.schemas import Overview
from api.overview.scope_parameters import Reader, Scope
from api.ports.services import Given

router = APIRouter(prefix="/v1/overview", tags=["overview"])


@router.get("", summary="Figures of the queues and times to first contact, by day or station")
async def read_overview(
    given: Given, who: Reader, scope: Scope, by: Grouping = Grouping.DAY
) -> Overview:
    """Return the figures of the present, the period, and each day or station."""
    return await service.read_overview(given, scope, by)


@router.get(
    "/export",
    response_class=Response,
    responses=exports.DOCUMENTED,
    summary="The same as a table: a row for each day and station",
)
async def export_overview(
    given: Given, who: Reader, scope: Scope, format: exports.Format = exports.Format.XLSX
) -> Response:
    """Return the table as a file."""
    table = await service.export_overview(given, who, scope)
    name = f"roost-{scope.period.first}-{scope.period.last}"
    return await asyncio.to_thread(exports.download, format, name, table)
