"""Views with features and matches, for manual matching in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bench.flood import ANY_OPENING
from matcher.features import OpeningFeatures, WorkerFeatures
from roost.events.envelope import Record
from roost.views.answers import Hit, Index, Page
from roost.views.elastic import Json
from tests.made import a_match
from tests.unit.api.builders import NOW
from tests.unit.api.two_stations import (
    HERE,
    MINE,
    Views,
    stored_opening,
    stored_worker,
)
from tests.unit.streams.test_capacity import worker as any_worker

TODAY = NOW.date().toordinal()
WELDER = {"焊工": 1.0}


class PairViews(Views):
    """Views that find every stored opening and worker; `search_bodies` are those of searches."""

    def __init__(self) -> None:
        super().__init__()
        self.search_bodies: list[Json] = []
        self.counted: dict[str, int] = {}
        self.model = "m-1"

    async def behind(self, *views: str) -> dict[str, Index]:
        return {each: Index(f"{each}-1", each, self.model, blocked=False) for each in views}

    async def mget(
        self, keys: Sequence[tuple[str, str]], fields: Sequence[str] | None = None
    ) -> dict[tuple[str, str], Json]:
        named = {key: (key[0].split("-")[0], key[1]) for key in keys}
        return {key: self.documents[of] for key, of in named.items() if of in self.documents}

    async def msearch(self, searches: Sequence[tuple[str, Json]]) -> list[Page]:
        self.search_bodies += [body for _, body in searches]
        return [self._every(index.split("-")[0]) for index, _ in searches]

    def _every(self, view: str) -> Page:
        hits = tuple(
            Hit(id, None, {"features": document["features"]})
            for (of, id), document in self.documents.items()
            if of == view and "features" in document
        )
        return Page(hits, len(hits))

    async def tallies(
        self, view: str, questions: Sequence[tuple[str, Sequence[str], Json]]
    ) -> list[dict[str, int]]:
        return [
            {value: self.counted[value] for value in values if value in self.counted}
            for _, values, _ in questions
        ]

    def add_worker(self, place: Any = HERE, **changes: Any) -> str:
        """Store a worker who looks for welding, with these features changed."""
        record = stored_worker(place)
        self.store(record)
        found: WorkerFeatures = replace(
            any_worker(1),
            id=record.key,
            **({"currency": "CNY", "wage_floor": 5_000.0} | changes),
        )
        self._with_features(record, found)
        return record.key

    def add_opening(self, number: int = 1, place: Any = HERE, **changes: Any) -> str:
        """Store an opening for welders, with these features changed."""
        record = stored_opening(place, identifier=f"2026-{number}")
        self.store(record)
        fields: dict[str, Any] = {
            "id": record.key,
            "active": True,
            "title": WELDER,
            "title_words": "焊工",
            "places": ["x:1", "x"],
            "point": (30.0, 110.0),
            "currency": "CNY",
            "wage_low": 5_500.0,
            "wage_high": 6_000.0,
            "starts_by": TODAY,
        }
        found: OpeningFeatures = replace(ANY_OPENING, **(fields | changes))
        self._with_features(record, found)
        self.documents["openings", record.key] |= {
            "active": found.active,
            "places": [HERE.key] if place is HERE else [place.key],
        }
        return record.key

    def add_match(self, opening_id: str, worker_id: str, **changes: Any) -> str:
        fields = {"station_id": MINE, "revision": 3} | changes
        match = a_match(opening_id, worker_id, NOW - timedelta(hours=1), **fields)
        self.documents["matches", match.id] = {
            "id": match.id,
            "version": 4,
            "revision": match.revision,
            "state": match.state.value,
            "active": match.state.active,
            "station_id": match.station_id,
            "worker_id": worker_id,
            "opening_id": opening_id,
            "assigned_to": match.assigned_to,
            "fact": match.to_dict(),
        }
        return match.id

    def _with_features(self, record: Record, found: OpeningFeatures | WorkerFeatures) -> None:
        document = self.documents[record.topic.name, record.key]
        document["features"] = found.packed()
