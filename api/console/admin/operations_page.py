"""Page of operations: state of the servers, number of documents, undelivered messages."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.access.requirements import WatchesOperations
from api.console.shell.rendering import page
from api.health import service
from api.health.cost_figures import count_message_costs
from api.ports.services import Given
from roost.events.notification import DeliveryStatus

router = APIRouter(prefix="/console/admin/operations", include_in_schema=False)
UNDELIVERED = (
    DeliveryStatus.WAITING,
    DeliveryStatus.SENDING,
    DeliveryStatus.FAILED,
    DeliveryStatus.PARKED,
)


@router.get("")
async def show_operations(request: Request, who: WatchesOperations, given: Given) -> Response:
    return page(
        request,
        "admin/operations.html",
        parts=await service.check_readiness(given),
        counts=await service.count_documents(given, who),
        stops=service.list_stage_stops(given, who),
        deliveries=await service.count_deliveries(given, who, UNDELIVERED),
        costs=await count_message_costs(given, who),
    )
