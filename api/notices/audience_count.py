"""Whom a notice reaches: the queries are pure."""

from __future__ import annotations

import asyncio

from api.notices.schemas import Reached
from roost.errors import FieldError, Invalid
from roost.events.notice import Audience
from roost.places.gazetteer import Gazetteer
from roost.topics import PROFILES, STATIONS
from roost.views.elastic import Elastic, Json

NOT_ERASED: list[Json] = [{"term": {"erased": True}}]


def workers(audience: Audience, places: Gazetteer) -> Json:
    """Who is named, and who can be matched and lives at the places or has their home there.

    A profile names its home alone but, of where the worker lives, all that holds it too.
    """
    at_places: Json = {
        "bool": {
            "filter": [{"term": {"active": True}}],
            "should": [
                {"terms": {"places": list(audience.places)}},
                {"terms": {"home": sorted(places.within(audience.places))}},
            ],
            "minimum_should_match": 1,
        }
    }
    return _either({"terms": {"id": list(audience.worker_ids)}}, at_places, audience)


def stations(audience: Audience, places: Gazetteer) -> Json:
    """Who is named, and who serves one of the places, a part of it, or what holds it."""
    reached = places.within(audience.places).union(*map(places.ancestors, audience.places))
    serving: Json = {"terms": {"serves": sorted(reached)}}
    return _either({"terms": {"id": list(audience.station_ids)}}, serving, audience)


def _either(named: Json, at_places: Json, audience: Audience) -> Json:
    should = [named, at_places] if audience.places else [named]
    return {"bool": {"should": should, "minimum_should_match": 1, "must_not": NOT_ERASED}}


async def reached(elastic: Elastic, audience: Audience, places: Gazetteer) -> Reached:
    counts = await asyncio.gather(
        elastic.count(PROFILES.name, workers(audience, places)),
        elastic.count(STATIONS.name, stations(audience, places)),
    )
    return Reached(workers=counts[0], stations=counts[1])


async def check_named(elastic: Elastic, audience: Audience) -> None:
    """Raises Invalid that names who is not there: their answer would reach nobody."""
    named = [
        *(("workerIds", PROFILES.name, id, at) for at, id in enumerate(audience.worker_ids)),
        *(("stationIds", STATIONS.name, id, at) for at, id in enumerate(audience.station_ids)),
    ]
    found = await elastic.mget([(view, id) for _, view, id, _ in named], ("id", "erased"))
    message, message_zh = "is nobody whom we know", "不存在"
    wrong = tuple(
        FieldError(f"audience.{field}.{at}", message, message_zh)
        for field, view, id, at in named
        if found.get((view, id), {"erased": True}).get("erased")
    )
    if wrong:
        raise Invalid(
            f"{wrong[0].field}: {message}", f"{wrong[0].field}：{message_zh}", fields=wrong
        )
