"""Stops: published even if no view can be read, and only once if one can."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import httpx
import pytest
from fastapi import FastAPI

from api.stop import endpoints
from roost import ids
from roost.contact import stop_links
from roost.errors import Transient
from roost.events.envelope import Record
from roost.kafka.ports import Position
from roost.time.clock import FixedClock
from roost.views.elastic import Json
from tests.unit.api.builders import NOW, WORKER
from tests.unit.api.services import services_with

KEY = b"k" * 32
MIGRATED = ids.successor(WORKER, ids.current_key())
"""Id that the worker has if WORKER was an unkeyed one."""
Documents = Mapping[tuple[str, str], Json]


class Published:
    def __init__(self) -> None:
        self.records: list[Record] = []

    async def publish(self, records: Iterable[Record]) -> list[Position]:
        self.records += records
        return [Position(each.topic.name, 0, 0) for each in self.records]


class Views:
    """Views that the stop service reads; None means Elasticsearch is unavailable."""

    def __init__(self, documents: Documents | None) -> None:
        self._documents = documents

    async def mget(
        self, keys: Sequence[tuple[str, str]], fields: Sequence[str] | None = None
    ) -> dict[tuple[str, str], Json]:
        if self._documents is None:
            raise Transient("Elasticsearch does not answer")
        return {key: self._documents[key] for key in keys if key in self._documents}

    async def get(self, view: str, id: str) -> Json | None:
        return {"version": 1} if await self.mget([(view, id)]) is not None else None

    async def refresh(self, *views: str) -> None:
        return None


async def pressed(documents: Documents | None) -> tuple[int, list[Record]]:
    """Press the button; return the status of the answer and the published records."""
    published: Any = Published()
    app = FastAPI()
    app.include_router(endpoints.router)
    views = cast(Any, Views(documents))
    app.state.services = services_with(
        publisher=published, elastic=views, clock=FixedClock(NOW), key=KEY
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.post(f"/v1/stop/{stop_links.stop_token(KEY, WORKER)}")
    return answer.status_code, published.records


async def test_a_stop_is_published_even_if_no_view_can_be_read() -> None:
    status, records = await pressed(None)
    assert (status, [each.key for each in records]) == (202, [WORKER, MIGRATED])


async def test_a_link_from_before_the_migration_of_ids_stops_the_worker_under_the_new_id() -> None:
    status, records = await pressed({("profiles", MIGRATED): {"id": MIGRATED}})
    assert (status, [each.key for each in records]) == (200, [MIGRATED])


async def test_a_link_that_names_nobody_does_not_claim_a_stop() -> None:
    with pytest.raises(stop_links.WrongLink, match="stop word"):
        await pressed({})


@pytest.mark.parametrize(
    ("documents", "published"),
    [
        ({("profiles", WORKER): {"id": WORKER}}, 1),
        ({("stops", WORKER): {"fact": {"stopped": False}}}, 1),
        ({("stops", WORKER): {"fact": {"stopped": True}}}, 0),
        ({("stops", WORKER): {"erased": True}}, 1),
        ({("profiles", WORKER): {"erased": True}}, 0),
    ],
)
async def test_a_stop_is_published_unless_it_exists_or_the_worker_is_erased(
    documents: Documents, published: int
) -> None:
    status, records = await pressed(documents)
    assert (status, len(records)) == (200, published)
