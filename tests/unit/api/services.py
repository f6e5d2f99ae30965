"""Services of an application that is not started: in-memory defaults, no connections."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, cast

from api.access.password_throttle import ThrottledPasswords
from api.guards.audit_trail import BufferedAuditTrail
from api.guards.idempotency.answer_store import MemoryAnswerStore
from api.live.open_streams import OpenStreams
from api.ports.identity_tables import Identities
from api.ports.services import SecurityEvent, Services
from roost.settings import Settings
from roost.views.answers import Json, Page


class KeptEvents:
    """Security log that keeps its events for a test."""

    def __init__(self) -> None:
        self.events: list[SecurityEvent] = []

    def note(self, event: SecurityEvent) -> None:
        self.events.append(event)

    def login_hash(self, login: str) -> str:
        return hashlib.md5(login.encode(), usedforsecurity=False).hexdigest()


class EmptyViews:
    """Views without a document."""

    async def search(self, view: str, body: Json) -> Page:
        return Page((), 0)

    async def msearch(self, searches: Sequence[tuple[str, Json]]) -> list[Page]:
        return [Page((), 0) for _ in searches]

    async def mget(
        self, keys: Sequence[tuple[str, str]], fields: Sequence[str] | None = None
    ) -> dict[tuple[str, str], Json]:
        return {}


def services_with(**given: Any) -> Services:
    """Return services that hold `given`; every other port is an in-memory default."""
    defaults: dict[str, Any] = {
        "settings": Settings(),
        "publisher": None,
        "elastic": None,
        "live": None,
        "streams": OpenStreams(20, 1_000),
        "key": b"",
        "identities": Identities(),
        "trail": BufferedAuditTrail(lambda records: None),
        "security": KeptEvents(),
        "passwords": ThrottledPasswords(),
        "requests": MemoryAnswerStore(),
        "imports": None,
        "feed": None,
        "health": None,
    }
    return Services(**cast(Any, defaults | given))
