"""Whether it lives, whether it is ready, and its numbers."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from api.access.principal import Principal
from api.access.requirements import allow
from api.ports.services import Given
from producers.admin import broker_answers
from roost.events.account import Permission
from roost.servers.connections import brokers_of

router = APIRouter(tags=["health"])
Watches = Annotated[Principal, allow(Permission.OVERVIEW_READ, everywhere=True)]


@router.get("/health/live", summary="The process answers")
async def live() -> dict[str, str]:
    return {"status": "live"}


@router.get("/health/ready", summary="Kafka and Elasticsearch answer, and it is known who may ask")
async def ready(given: Given, response: Response) -> dict[str, Any]:
    kafka, elasticsearch = await asyncio.gather(
        asyncio.to_thread(broker_answers, brokers_of(given.settings)),
        given.elastic.healthy(),
    )
    parts = {
        "kafka": kafka,
        "elasticsearch": elasticsearch,
        "identities": given.identities.caught_up,
    }
    response.status_code = 200 if all(parts.values()) else 503
    return {"status": "ready" if all(parts.values()) else "not ready", "parts": parts}


@router.get("/metrics", summary="Prometheus metrics", include_in_schema=False)
async def metrics(who: Watches) -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@router.get("/v1/summary", summary="What there is, by stage")
async def summary(who: Watches, given: Given) -> dict[str, Any]:
    views = ("openings", "profiles", "stations", "matches", "notifications", "deliveries")
    counts = await asyncio.gather(*(given.elastic.count(view) for view in views))
    return dict(zip(views, counts, strict=True))
