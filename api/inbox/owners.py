"""Whose inbox it is, and which rows of the view `deliveries` are its entries."""

from __future__ import annotations

from dataclasses import dataclass

from api.inbox.schemas import Whose
from api.lists.documents import existing_document
from api.preferences.effective_preferences import in_force
from roost.errors import NotFound
from roost.events.notification import Delivery, DeliveryStatus
from roost.events.preferences import ChannelKind
from roost.views.elastic import Elastic, Json


@dataclass(frozen=True, slots=True)
class Owner:
    id: str
    language: str

    @property
    def all(self) -> list[Json]:
        """The filters of what has come into the inbox."""
        return [
            {"term": {"recipient_id": self.id}},
            {"term": {"channel": ChannelKind.INBOX.value}},
            {"term": {"status": DeliveryStatus.SENT.value}},
        ]

    @property
    def unread(self) -> list[Json]:
        return [*self.all, {"term": {"read": False}}]


async def owner(elastic: Elastic, whose: Whose, id: str, language: str | None) -> Owner:
    """With the language asked for, or else the recipient's own. Raises NotFound."""
    if whose is Whose.PROFILES:
        chosen = (await in_force(elastic, id)).preferences.language
    else:
        document = await existing_document(elastic, whose.value, id, "station", "服务站")
        chosen = document["fact"].get("language", "zh")
    return Owner(id, language or chosen)


def check_theirs(owner: Owner, delivery: Delivery) -> Delivery:
    """The delivery. Raises NotFound for another's, and for one that has not come yet."""
    theirs = delivery.notification.recipient.id == owner.id
    if not theirs or delivery.status is not DeliveryStatus.SENT:
        id = delivery.notification.id
        raise NotFound(f"There is no message {id} in this inbox.", f"收件箱中没有该消息：{id}")
    return delivery
