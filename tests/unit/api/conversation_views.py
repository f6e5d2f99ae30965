"""Views in memory that show every published message at once, for tests of conversations."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence

import orjson

from producers import simulator
from roost import ids
from roost.contact.addresses import address_key
from roost.events.conversation import ConversationMessage
from roost.events.envelope import Record
from roost.events.profile import Channel
from roost.kafka.ports import Position
from roost.topics import CONVERSATIONS, PROFILES
from roost.views.answers import Hit, Page
from roost.views.elastic import Json
from tests.unit.api.clause_evaluation import meets

STATION = ids.station_id("here")
HERE = "cn:1402"


class ConversationViews:
    """The views that conversations use, and the index stage behind the publisher."""

    def __init__(self) -> None:
        self.documents: dict[tuple[str, str], Json] = {
            ("stations", STATION): {"id": STATION, "version": 1, "serves": [HERE]}
        }
        self.published: list[Record] = []

    def worker(self, number: str, *channels: Channel, place: str = HERE) -> str:
        """Store a worker who lives at a place; return the id."""
        id = ids.worker_id("t", number)
        location = {"name": "某地", "scheme": "cn", "code": place.partition(":")[2]}
        fact = next(simulator.profiles(1)).to_dict() | {
            "id": id,
            "name": f"人员{number}",
            "home": location,
            "location": location,
            "channels": [each.to_dict() for each in channels],
        }
        self.documents[PROFILES.name, id] = {
            "id": id,
            "version": 1,
            "fact": fact,
            "places": [place],
            "addresses": [address_key(each.kind, each.address) for each in channels],
        }
        return id

    @property
    def messages(self) -> list[ConversationMessage]:
        """The messages as they are now, in the order of their creation."""
        return [
            ConversationMessage.from_stored(document["fact"])
            for (view, _), document in self.documents.items()
            if view == CONVERSATIONS.name
        ]

    async def publish(self, records: Iterable[Record]) -> list[Position]:
        made = list(records)
        await asyncio.sleep(0)  # others go on while Kafka acknowledges
        self.published += made
        for each in made:
            fact = orjson.loads(each.value or b"null")
            document = {"id": each.key, "version": len(self.published) + 1, "fact": fact}
            self.documents[each.topic.name, each.key] = document
            if each.topic is not CONVERSATIONS:
                continue
            message = ConversationMessage.from_stored(fact)
            document |= {
                "author": message.author.value,
                "open": message.is_open,
                "sent_at": message.sent_at.isoformat(),
                "worker_id": message.worker_id,
            }
        return [Position(each.topic.name, 0, len(self.published)) for each in made]

    async def get(self, view: str, id: str) -> Json | None:
        return self.documents.get((view, id))

    async def mget(
        self, keys: Sequence[tuple[str, str]], fields: Sequence[str] | None = None
    ) -> dict[tuple[str, str], Json]:
        return {key: self.documents[key] for key in keys if key in self.documents}

    async def refresh(self, *views: str) -> None:
        return None

    async def search(self, view: str, body: Json) -> Page:
        ((by, order),) = body.get("sort", [{"id": "asc"}])[0].items()
        found = [each for each in self._matching(view, body["query"]) if each.get(by)]
        found.sort(key=lambda each: str(each[by]), reverse=order == "desc")
        after = body.get("search_after")
        if after is not None:
            found = [each for each in found if str(each[by]) > str(after[0])]
        hits = [Hit(each["id"], None, each, (each[by], each["id"])) for each in found]
        return Page(tuple(hits[: body["size"]]), len(hits))

    async def msearch(self, searches: Sequence[tuple[str, Json]]) -> list[Page]:
        return [await self.search(*each) for each in searches]

    async def count(self, view: str, query: Json | None = None) -> int:
        await asyncio.sleep(0)
        return len(self._matching(view, query or {"bool": {}}))

    async def aggregate(self, view: str, query: Json, aggregations: Json) -> tuple[int, Json]:
        """Return the waiting workers, as the one aggregation of conversations asks for them."""
        found = sorted(self._matching(view, query), key=lambda each: str(each["sent_at"]))
        workers: dict[str, list[Json]] = {}
        for each in found:
            workers.setdefault(each["worker_id"], []).append(each)
        buckets = [
            {
                "key": id,
                "doc_count": len(theirs),
                "since": {"value": _milliseconds(theirs[0])},
            }
            for id, theirs in workers.items()
        ]
        return len(found), {"workers": {"buckets": buckets}}

    async def tallies(
        self, view: str, questions: Sequence[tuple[str, Collection[str], Json]]
    ) -> list[dict[str, int]]:
        return [
            {
                str(each[field]): 1
                for each in self._matching(view, condition)
                if each.get(field) in values
            }
            for field, values, condition in questions
        ]

    def _matching(self, view: str, query: Json) -> list[Json]:
        return [
            document
            for (of, _), document in self.documents.items()
            if of == view and meets(document, query)
        ]


def _milliseconds(document: Json) -> float:
    message = ConversationMessage.from_stored(document["fact"])
    return message.sent_at.timestamp() * 1_000
