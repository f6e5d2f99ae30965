"""The API in memory, asked by a clerk of one of two stations."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import orjson

from api.app import create_app
from api.ports.services import Services
from producers import facts, simulator
from roost import ids
from roost.constraints.needs import locate
from roost.contact.addresses import address_key
from roost.events.account import AccountRole
from roost.events.envelope import Record
from roost.events.opening import OpeningContent
from roost.events.profile import Profile, ProfileContent
from roost.kafka.ports import Position
from roost.likeness.same_person import name_at_home, numbers_of, records_of, sound_at_home
from roost.places.gazetteer import gazetteer
from roost.places.place_search import find_place
from roost.settings import Settings
from roost.topics import PROFILES
from roost.views.answers import Hit, Page
from roost.views.elastic import Json
from tests.unit.api.builders import NOW
from tests.unit.api.clause_evaluation import meets
from tests.unit.api.signed import Topics, given_to, headers_for

HERE, ELSEWHERE = find_place("太原市"), find_place("大同市")
MINE, OTHERS = ids.station_id("mine"), ids.station_id("others")
EMPLOYER = "site-1"


class Log:
    """A publisher that keeps its records; another request may run while it writes."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.writing = self.most_writing = 0
        self.began = asyncio.Event()
        """Set once a write has begun."""
        self._ends: Counter[str] = Counter()

    async def publish(self, records: Sequence[Record]) -> list[Position]:
        self.writing += 1
        self.began.set()
        self.most_writing = max(self.most_writing, self.writing)
        await asyncio.sleep(0.01)
        self.writing -= 1
        return [self._put(each) for each in records]

    def _put(self, record: Record) -> Position:
        self.records.append(record)
        self._ends[record.topic.name] += 1
        return Position(record.topic.name, 0, 10 + self._ends[record.topic.name])


def people_fields(profile: Profile) -> Json:
    """Return the fields of a worker's document by which people are found."""
    home, lives = (locate(each, gazetteer())[0] for each in (profile.home, profile.location))
    return {
        "addresses": [address_key(each.kind, each.address) for each in profile.channels],
        "home": home[0] if home else None,
        "name_at_home": name_at_home(profile.name, home),
        "numbers": numbers_of(profile),
        "places": lives,
        "records": records_of(profile),
        "sound_at_home": sound_at_home(profile.name, home),
    }


class Views:
    """The views of two stations, and of the facts that a test stores."""

    def __init__(self) -> None:
        self.documents: dict[tuple[str, str], Json] = {
            ("stations", MINE): {"serves": [HERE.key], "version": 1},
            ("stations", OTHERS): {"serves": [ELSEWHERE.key], "version": 1},
        }
        self.queued = self.ended = 0
        """Active and ended matches of the worker or opening in the caller's queues."""
        self.searches = 0
        """Searches of `msearch` so far."""

    def store(self, record: Record) -> None:
        fact = orjson.loads(record.value or b"null")
        self.documents[record.topic.name, record.key] = {
            "id": record.key,
            "version": 7,
            "fact": fact,
            **(people_fields(Profile.from_stored(fact)) if record.topic is PROFILES else {}),
        }

    async def get(self, view: str, id: str) -> Json | None:
        return self.documents.get((view, id))

    async def mget(
        self, keys: Sequence[tuple[str, str]], fields: Sequence[str] | None = None
    ) -> dict[tuple[str, str], Json]:
        return {key: self.documents[key] for key in keys if key in self.documents}

    async def search(self, view: str, body: Json) -> Page:
        return Page((), 0)

    async def msearch(self, searches: Sequence[tuple[str, Json]]) -> list[Page]:
        self.searches += len(searches)
        return [self._found(view, body) for view, body in searches]

    def _found(self, view: str, body: Json) -> Page:
        hits = [
            Hit(id, None, document)
            for (of, id), document in self.documents.items()
            if of == view and meets(document, body["query"])
        ]
        return Page(tuple(hits[: body["size"]]), len(hits))

    def work_on(self, opening_id: str, worker_id: str, **changes: Any) -> None:
        """Store a match in progress; a change to None leaves a field out."""
        id = ids.match_id(opening_id, worker_id)
        fields = {"id": id, "version": 1, "opening_id": opening_id, "worker_id": worker_id}
        self.documents["matches", id] = {
            **fields,
            "active": True,
            "state": "claimed",
            "assigned_to": "li",
            **changes,
        }

    async def count(self, view: str, query: Json | None = None) -> int:
        if any(of == "matches" for of, _ in self.documents):
            body = {"query": query, "size": 1_000}
            return len(self._found(view, body).hits)
        active = {"term": {"active": True}} in (query or {})["bool"]["filter"]
        return self.queued if active else self.queued + self.ended

    async def aggregate(
        self, view: str, query: Json, aggregations: Json, *, without: Sequence[str] = ()
    ) -> tuple[int, Json]:
        return 0, {name: {"buckets": []} for name in aggregations}

    async def refresh(self, *views: str) -> None:
        return None


class County:
    """The API in memory, asked by staff of the station that serves HERE, or by another role."""

    def __init__(self, role: AccountRole = AccountRole.CLERK, **confined: Any) -> None:
        self.log, self.views = Log(), Views()
        topics = Topics(self.log)
        app = create_app(Settings())
        self.given: Services = given_to(app, topics, elastic=self.views)
        stations = (
            {"station_ids": (MINE,)} if role in {AccountRole.CLERK, AccountRole.CHIEF} else {}
        )
        self._headers = headers_for(topics, role, **stations, **confined)
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000"
        )

    async def send(
        self, method: str, path: str, body: Mapping[str, Any] | None, **headers: str
    ) -> httpx.Response:
        return await self.client.request(method, path, json=body, headers=self._headers | headers)


def worker(place: Any, **changes: Any) -> dict[str, Any]:
    content = next(simulator.profiles(1)).to_dict()
    at = {"name": place.key}
    return content | {"identifier": "A-1", "home": at, "location": at} | changes


def opening(place: Any, **changes: Any) -> dict[str, Any]:
    content = next(simulator.openings(1)).to_dict()
    content.pop("validThrough", None)
    content |= {"identifier": "2026-1", "jobLocation": {"name": place.key}}
    content["hiringOrganization"] = {"id": EMPLOYER, "name": "示例单位"}
    return content | changes


def stored_worker(place: Any, **changes: Any) -> Record:
    content = ProfileContent.model_validate(worker(place, **changes))
    return facts.profile_put(content, at=NOW)[1]


def stored_opening(place: Any, **changes: Any) -> Record:
    content = OpeningContent.model_validate(opening(place, **changes))
    return facts.opening_posted(content, at=NOW, today=NOW.date())[1]
