"""Number of workers and stations that a notice reaches, and the check of those it names."""

from __future__ import annotations

import asyncio

from api.notices.schemas import Reached
from roost.errors import FieldError, Invalid
from roost.events.notice import Audience
from roost.places.gazetteer import Gazetteer
from roost.rules.notice_audience import station_query, worker_query
from roost.topics import PROFILES, STATIONS
from roost.views.elastic import Elastic


async def count_recipients(elastic: Elastic, audience: Audience, places: Gazetteer) -> Reached:
    """Return the number of workers and stations that an audience reaches now."""
    counts = await asyncio.gather(
        elastic.count(PROFILES.name, worker_query(audience, places)),
        elastic.count(STATIONS.name, station_query(audience, places)),
    )
    return Reached(workers=counts[0], stations=counts[1])


async def check_named(elastic: Elastic, audience: Audience) -> None:
    """Raise Invalid naming each worker and station of the audience that does not exist."""
    named = [
        *(("workerIds", PROFILES.name, id, at) for at, id in enumerate(audience.worker_ids)),
        *(("stationIds", STATIONS.name, id, at) for at, id in enumerate(audience.station_ids)),
    ]
    found = await elastic.mget([(view, id) for _, view, id, _ in named], ("id", "erased"))
    message, message_zh = "does not exist", "不存在"
    wrong = tuple(
        FieldError(f"audience.{field}.{at}", message, message_zh)
        for field, view, id, at in named
        if found.get((view, id), {"erased": True}).get("erased")
    )
    if wrong:
        raise Invalid(
            f"{wrong[0].field}: {message}", f"{wrong[0].field}：{message_zh}", fields=wrong
        )
