"""Use cases of operations: readiness, number of documents by view, deliveries by status."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from api.access import policy
from api.access.principal import Principal
from api.ports.services import Services
from roost.events.account import Permission
from roost.events.notification import DeliveryStatus
from roost.events.stage_stop import StageStop
from roost.topics import DELIVERIES

COUNTED = ("openings", "profiles", "stations", "matches", "notifications", "deliveries")


async def check_readiness(given: Services) -> dict[str, bool]:
    """Return whether each part answers: Kafka, Elasticsearch, and the loaded identities."""
    servers = await given.health.servers()
    return {**servers, "identities": given.identities.caught_up}


async def count_documents(given: Services, who: Principal) -> dict[str, int]:
    """Return the number of documents of each view. Raises Forbidden for a narrower reach."""
    policy.everywhere(who, Permission.OVERVIEW_READ)
    counts = await asyncio.gather(*(given.elastic.count(view) for view in COUNTED))
    return dict(zip(COUNTED, counts, strict=True))


async def count_deliveries(
    given: Services, who: Principal, statuses: Sequence[DeliveryStatus]
) -> dict[str, int]:
    """Return the number of deliveries in each status. Raises Forbidden for a narrower reach."""
    policy.everywhere(who, Permission.OVERVIEW_READ)
    values = [each.value for each in statuses]
    (tally,) = await given.elastic.tallies(DELIVERIES.name, [("status", values, {"match_all": {}})])
    return {value: tally.get(value, 0) for value in values}


def list_stage_stops(given: Services, who: Principal) -> list[StageStop]:
    """Return the stages that stopped at dead letters. Raises Forbidden for a narrower reach."""
    policy.everywhere(who, Permission.OVERVIEW_READ)
    return sorted(given.stage_stops.values(), key=lambda stop: stop.id)
