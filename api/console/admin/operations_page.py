"""How the system does: its servers, what there is, and what could not be delivered."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.console.shell.rendering import page
from api.health import endpoints
from api.health.endpoints import Watches
from api.ports.services import Given
from roost.events.notification import DeliveryStatus
from roost.topics import DELIVERIES

router = APIRouter(prefix="/console/admin/operations", include_in_schema=False)
SHOWN = (
    DeliveryStatus.WAITING,
    DeliveryStatus.SENDING,
    DeliveryStatus.FAILED,
    DeliveryStatus.PARKED,
)


@router.get("")
async def read(request: Request, who: Watches, given: Given) -> Response:
    ready = await endpoints.ready(given=given, response=Response())
    statuses = [each.value for each in SHOWN]
    (told,) = await given.elastic.tallies(
        DELIVERIES.name, [("status", statuses, {"match_all": {}})]
    )
    return page(
        request,
        "admin/operations.html",
        parts=ready["parts"],
        counts=await endpoints.summary(who=who, given=given),
        deliveries={status: told.get(status, 0) for status in statuses},
    )
