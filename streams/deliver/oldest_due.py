"""The delivery that is overdue for longest, for each kind of recipient: one request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from roost.events.notification import DeliveryStatus, RecipientKind
from roost.topics import DELIVERIES
from roost.views.elastic import COLUMNS, Elastic, Json

ID_PREFIXES: Mapping[RecipientKind, str] = MappingProxyType(
    {
        RecipientKind.WORKER: "w-",
        RecipientKind.STATION: "s-",
        RecipientKind.WEBHOOK: "h-",
        RecipientKind.EMPLOYER: "e-",
    }
)
"""The beginning of the ids of each kind of recipient (`roost.ids`)."""


async def oldest_due(elastic: Elastic, now: datetime) -> dict[RecipientKind, datetime]:
    """Return since when the oldest delivery is due that has not ended; kinds without one left out.

    A delivery that a retry or quiet hours hold counts from the time that it is held until.
    Raises Transient when the view cannot be read.
    """
    searches = [(DELIVERIES.name, _oldest_due_to(prefix, now)) for prefix in ID_PREFIXES.values()]
    pages = await elastic.msearch(searches)
    return {
        kind: datetime.fromisoformat(page.hits[0].source["due_at"])
        for kind, page in zip(ID_PREFIXES, pages, strict=True)
        if page.hits
    }


def _oldest_due_to(prefix: str, now: datetime) -> Json:
    pending = [DeliveryStatus.WAITING.value, DeliveryStatus.SENDING.value]
    return {
        **COLUMNS,
        "size": 1,
        "docvalue_fields": ["id", "due_at"],
        "track_total_hits": False,
        "sort": [{"due_at": "asc"}],
        "query": {
            "bool": {
                "filter": [
                    {"terms": {"status": pending}},
                    {"range": {"due_at": {"lte": now.isoformat()}}},
                    {"prefix": {"recipient_id": prefix}},
                ]
            }
        },
    }
