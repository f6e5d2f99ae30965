"""A station's queue in memory: several people with several matches, judged as the stage judges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from producers import simulator
from producers.publisher import Position
from roost import ids
from roost.events.envelope import Record
from roost.events.match import Match, MatchAction
from roost.topics import CONVERSATIONS, MATCH_ACTIONS, MATCHES
from roost.views.answers import Hit, Page
from roost.views.elastic import Json
from streams.queue.action_effects import apply_action
from streams.queue.match_projection import match_write
from tests.made import a_match
from tests.unit.api.builders import NOW
from tests.unit.api.clause_evaluation import meets
from tests.unit.api.console.test_match_pages import NOTHING_COUNTED

STATION = ids.station_id("here")
PHONE = {"kind": "sms", "address": "+8613800000001"}


def worker(number: int) -> str:
    return ids.worker_id("t", str(number))


def opening(number: int) -> str:
    return ids.opening_id("t", str(number))


def match_of(person: int, work: int) -> str:
    return ids.match_id(opening(work), worker(person))


class QueueViews:
    """Views in memory, and the queue stage behind the publisher."""

    def __init__(self) -> None:
        station = {"id": STATION, "identifier": "1", "name": "本站", "place": {"name": "大同市"}}
        self.documents: dict[tuple[str, str], Json] = {
            ("stations", STATION): {"id": STATION, "version": 1, "fact": station}
        }
        self.messages: list[Json] = []

    def person(self, number: int, *works: int, phone: bool = True, **changes: Any) -> str:
        """Store a worker with a match for each of some openings; return the worker's id."""
        id = worker(number)
        profile = next(simulator.profiles(1)).to_dict() | {"id": id, "source": "t"}
        profile |= {"name": f"张{number}", "channels": [PHONE] if phone else []}
        self._put("profiles", id, profile | {"placesKnown": None}, places=[], features="")
        for work in works:
            content = next(simulator.openings(1)).to_dict() | {
                "id": opening(work),
                "source": "t",
                "status": "open",
                "title": f"岗位{work}",
            }
            self._put("openings", opening(work), content, employer_id="acme")
            self.put(a_match(opening(work), id, NOW, station_id=STATION, **changes))
        return id

    def _put(self, view: str, id: str, fact: Json, **fields: Any) -> None:
        self.documents[view, id] = {"id": id, "version": 1, "fact": fact, **fields}

    def put(self, match: Match) -> None:
        """Show a match in the view."""
        document = match_write(match, match.to_json(), match.revision).document
        self.documents[MATCHES.name, match.id] = document | {
            "fact": match.to_dict(),
            "version": match.revision,
            "worker_id": match.worker_id,
            "id": match.id,
        }

    def match(self, id: str) -> Match:
        return Match.from_stored(self.documents[MATCHES.name, id]["fact"])

    async def publish(self, records: Sequence[Record]) -> list[Position]:
        """Judge actions as the queue stage does, and keep messages."""
        for record in records:
            assert record.value is not None
            if record.topic is CONVERSATIONS:
                self.messages.append({"key": record.key, "value": record.value})
            if record.topic is not MATCH_ACTIONS:
                continue
            action = MatchAction.model_validate_json(record.value)
            changed = apply_action(self.match(action.match_id), action)
            if changed is not None:
                self.put(changed)
        return [Position(each.topic.name, 0, 0) for each in records]

    async def get(self, view: str, id: str) -> Json | None:
        return self.documents.get((view, id))

    async def mget(self, keys: Any, fields: Any = ()) -> dict[tuple[str, str], Json]:
        return {key: self.documents[key] for key in keys if key in self.documents}

    async def search(self, view: str, body: Json) -> Page:
        return self._found(view, body)

    async def msearch(self, searches: Sequence[tuple[str, Json]]) -> list[Page]:
        return [self._found(view, body) for view, body in searches]

    def _found(self, view: str, body: Json) -> Page:
        """Return the documents that meet a query, sorted and collapsed as it asks."""
        found = [
            document
            for (of, _), document in self.documents.items()
            if of == view and meets(document, body["query"] | {})
        ]
        for each in reversed(body.get("sort", [])):
            (field, order), *_ = each.items()
            known = [one for one in found if one.get(field) is not None]
            known.sort(key=lambda one: one[field], reverse=order == "desc")
            found = known + [one for one in found if one.get(field) is None]
        if (collapse := body.get("collapse")) is not None:
            first: dict[Any, Json] = {}
            for each in found:
                first.setdefault(each[collapse["field"]], each)
            found = list(first.values())
        hits = [Hit(each["id"], None, each, (each["id"],)) for each in found]
        return Page(tuple(hits[: body["size"]]), len(hits))

    async def refresh(self, *views: str) -> None:
        return None

    async def count(self, view: str, query: Any) -> int:
        return 1

    async def aggregate(self, view: str, query: Any, aggregations: Any) -> Any:
        return 1, NOTHING_COUNTED | {"people": {"value": 2}}

    async def tallies(self, view: str, questions: Any) -> list[dict[str, int]]:
        return [{} for _ in questions]
