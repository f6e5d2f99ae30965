"""Who was told of a match, and what became of it, channel by channel: for its page."""

from __future__ import annotations

from dataclasses import dataclass

from api.notifications.schemas import ChannelStory
from api.notifications.timeline import story
from api.ports.services import Services
from roost import ids
from roost.events.notification import Delivery, Notification
from roost.events.preferences import ChannelKind
from roost.topics import DELIVERIES, NOTIFICATIONS
from roost.views.elastic import Json

MOST = 20


@dataclass(frozen=True, slots=True)
class Told:
    notification: Notification
    channels: list[ChannelStory]


async def told_of(given: Services, match_id: str) -> list[Told]:
    """The newest first."""
    body: Json = {
        "size": MOST,
        "sort": [{"caused_at": "desc"}],
        "query": {
            "bool": {
                "filter": [{"term": {"match_id": match_id}}],
                "must_not": [{"term": {"erased": True}}],
            }
        },
    }
    hits = (await given.elastic.search(NOTIFICATIONS.name, body)).hits
    told = [Notification.from_stored(hit.source["fact"]) for hit in hits]
    keys = {
        each.id: [
            (DELIVERIES.name, ids.delivery_id(each.id, channel.value)) for channel in ChannelKind
        ]
        for each in told
    }
    rows = await given.elastic.mget([key for each in keys.values() for key in each], ("fact",))
    return [
        Told(
            each,
            [
                story(Delivery.from_stored(rows[key]["fact"]))
                for key in keys[each.id]
                if key in rows and rows[key].get("fact")
            ],
        )
        for each in told
    ]
