"""Owner of an inbox, and the filters of its entries in the view `deliveries`."""

from __future__ import annotations

from dataclasses import dataclass

from api.inbox.schemas import Whose
from api.lists.documents import existing_document
from api.preferences.effective_preferences import read_effective
from roost.errors import NotFound
from roost.events.notification import Delivery, DeliveryStatus
from roost.events.preferences import ChannelKind
from roost.views.elastic import Elastic, Json


@dataclass(frozen=True, slots=True)
class Owner:
    """Worker or station that owns an inbox, and the language to write its entries in."""

    id: str
    language: str

    @property
    def all(self) -> list[Json]:
        """Filters of the deliveries that have arrived in the inbox."""
        return [
            {"term": {"recipient_id": self.id}},
            {"term": {"channel": ChannelKind.INBOX.value}},
            {"term": {"status": DeliveryStatus.SENT.value}},
        ]

    @property
    def unread(self) -> list[Json]:
        """Filters of the unread entries."""
        return [*self.all, {"term": {"read": False}}]


async def owner_of(elastic: Elastic, whose: Whose, id: str, language: str | None) -> Owner:
    """Return the owner with the requested language, or the recipient's own. Raises NotFound."""
    if whose is Whose.PROFILES:
        chosen = (await read_effective(elastic, id)).preferences.language
    else:
        document = await existing_document(elastic, whose.value, id, "station", "服务站")
        chosen = document["fact"].get("language", "zh")
    return Owner(id, language or chosen)


def check_owner(owner: Owner, delivery: Delivery) -> Delivery:
    """Return the delivery. Raises NotFound if it is another's or has not arrived yet."""
    owned = delivery.notification.recipient.id == owner.id
    if not owned or delivery.status is not DeliveryStatus.SENT:
        id = delivery.notification.id
        raise NotFound(f"There is no message {id} in this inbox.", f"收件箱中没有该消息：{id}")
    return delivery
