"""The API in memory with a caller: topics of keys, accounts and sessions without Kafka."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx
from fastapi import FastAPI

from api.app import create_app
from api.ports.identity_tables import Identities
from api.ports.services import Services
from api.ports.topic_table import MemoryTable
from producers import identity_facts as facts
from roost.events.account import AccountRole, Holder, Permission
from roost.events.envelope import Record
from roost.events.saved_reply import SavedReply
from roost.events.source import Source, SourceState
from roost.kafka.ports import Position
from roost.settings import Settings
from roost.time.clock import Clock, FixedClock
from roost.topics import ACCOUNTS, API_KEYS, SAVED_REPLIES, SESSIONS, SOURCE_RUNS, SOURCES
from tests.unit.api.builders import NOW
from tests.unit.api.services import EmptyViews, services_with

KEY = b"k" * 32
Others = Callable[[Record], Position]


class Topics:
    """Publisher whose records are in the tables at once; `between` runs before each record."""

    def __init__(self, others: Any = None) -> None:
        self.identities = Identities()
        self.sources = MemoryTable(Source)
        self.source_states = MemoryTable(SourceState)
        self.saved_replies = MemoryTable(SavedReply)
        self.records: list[Record] = []
        self.between: list[Callable[[], None]] = []
        self._others = others
        self._ends: Counter[str] = Counter()
        self._tables: dict[str, MemoryTable[Any]] = {
            ACCOUNTS.name: self.identities.accounts,
            API_KEYS.name: self.identities.keys,
            SESSIONS.name: self.identities.sessions,
            SOURCES.name: self.sources,
            SOURCE_RUNS.name: self.source_states,
            SAVED_REPLIES.name: self.saved_replies,
        }

    def put(self, record: Record) -> Position:
        """Write a record as another process would."""
        table, offset = self._tables[record.topic.name], self._ends[record.topic.name]
        self._ends[record.topic.name] += 1
        self.records.append(record)
        table.apply(record.key.encode(), record.value, offset)
        return Position(record.topic.name, 0, offset)

    async def publish(self, records: Sequence[Record]) -> list[Position]:
        return [await self._publish_one(each) for each in records]

    async def _publish_one(self, record: Record) -> Position:
        if record.topic.name not in self._tables:
            [position] = await self._others.publish([record])
            return cast(Position, position)
        if self.between:
            self.between.pop()()
        return self.put(record)


def headers_for(
    topics: Topics,
    role: AccountRole = AccountRole.ADMIN,
    scopes: tuple[Permission, ...] = (),
    **confined: Any,
) -> dict[str, str]:
    """Return the headers of a new key."""
    holder = Holder(role=role, **confined)
    _, record, text = facts.key_made(holder, f"test {role}", scopes, at=NOW)
    topics.put(record)
    return {"Authorization": f"Bearer {text}"}


def given_to(
    app: FastAPI,
    topics: Topics,
    *,
    settings: Settings | None = None,
    elastic: Any = None,
    clock: Clock | None = None,
    key: bytes = KEY,
    **ports: Any,
) -> Services:
    """Install the services of an application that is not started; nothing connects.

    By default no role needs a second factor; `test_second_factors` tests the requirement.
    """
    made = services_with(
        settings=settings or Settings(second_factor_roles=[]),
        publisher=topics,
        elastic=elastic if elastic is not None else EmptyViews(),
        clock=clock or FixedClock(NOW),
        key=key,
        identities=topics.identities,
        sources=topics.sources,
        source_states=topics.source_states,
        saved_replies=topics.saved_replies,
        **ports,
    )
    app.state.services = made
    return made


@asynccontextmanager
async def client_of_administrator() -> AsyncIterator[httpx.AsyncClient]:
    """Open a client with an administrator's key, on an application without servers."""
    app, topics = create_app(Settings()), Topics()
    given_to(app, topics)
    headers = headers_for(topics)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", headers=headers
    ) as asking:
        yield asking
