"""Endpoints of operations: liveness, readiness, metrics, number of documents."""

from __future__ import annotations

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from api.access.requirements import WatchesOperations
from api.guards.problem_responses import RETRY_AFTER_S
from api.health import service
from api.health.schemas import CountsAnswer, LivenessAnswer, Readiness, ReadinessAnswer
from api.ports.services import Given

router = APIRouter(tags=["health"])


@router.get("/health/live", summary="Check that the process answers")
async def check_liveness() -> LivenessAnswer:
    """Return `live`, without asking another server."""
    return {"status": "live"}


@router.get(
    "/health/ready",
    summary="Check that Kafka and Elasticsearch answer and accounts are loaded",
    responses={503: {"model": Readiness}},
)
async def check_readiness(given: Given, response: Response) -> ReadinessAnswer:
    """Return 200 if the process can serve requests, otherwise 503, with the state of each part."""
    parts = await service.check_readiness(given)
    if not all(parts.values()):
        response.status_code = 503
        response.headers["retry-after"] = RETRY_AFTER_S
    return {"status": "ready" if all(parts.values()) else "not ready", "parts": parts}


@router.get("/metrics", summary="Prometheus metrics", include_in_schema=False)
async def expose_metrics(who: WatchesOperations, given: Given) -> Response:
    return Response(await given.health.metrics(), media_type=CONTENT_TYPE_LATEST)


@router.get("/v1/summary", summary="Count documents, by stage")
async def count_documents(who: WatchesOperations, given: Given) -> CountsAnswer:
    """Return the number of openings, workers, stations, matches, notifications and deliveries."""
    return await service.count_documents(given, who)
