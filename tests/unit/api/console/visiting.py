"""Telephones of people who are not signed in, at the API in memory."""

from __future__ import annotations

import re
from typing import Any

import httpx

from api.access import sessions
from api.app import create_app
from roost.events.account import Account
from roost.events.audit import SecurityEventKind
from roost.events.envelope import Record, decode, value_of
from roost.events.notification import Notification
from roost.settings import Settings
from roost.time.clock import FixedClock
from roost.topics import NOTIFICATIONS
from tests.unit.api.builders import NOW
from tests.unit.api.services import KeptEvents
from tests.unit.api.signed import Topics, given_to
from tests.unit.api.two_stations import Log, Views


class Visitors:
    """People with telephones, none of whom is signed in."""

    def __init__(self, *workers: Record) -> None:
        self.log, self.views, self.clock = Log(), Views(), FixedClock(NOW)
        self.topics, self.security = Topics(self.log), KeptEvents()
        for each in workers:
            self.views.store(each)
        self.app = create_app(Settings())
        self.given = given_to(
            self.app,
            self.topics,
            elastic=self.views,
            clock=self.clock,
            security=self.security,
        )

    def browser(self, network: str = "203.0.113.7", language: str = "en") -> Browser:
        return Browser(self, network, language)

    def told(self) -> list[Notification]:
        """Return the notifications that were published."""
        records = [each for each in self.log.records if each.topic is NOTIFICATIONS]
        return [decode(Notification, value_of(each)) for each in records]

    def events(self) -> list[tuple[SecurityEventKind, str]]:
        return [(each.kind, each.cause) for each in self.security.events]


class Browser:
    """One browser, with its cookies."""

    def __init__(self, at: Visitors, network: str, language: str) -> None:
        self._at = at
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=at.app, client=(network, 1234)),
            base_url="http://127.0.0.1:8000",
            headers={"accept": "text/html"},
            cookies={"roost_language": language},
        )

    async def get(self, path: str) -> httpx.Response:
        return await self.client.get(path)

    async def send(self, path: str, **fields: Any) -> httpx.Response:
        return await self.client.post(path, data=fields)

    @property
    def account(self) -> Account | None:
        """Account that the browser is signed in with."""
        token = self.client.cookies.get(sessions.cookie_name(self._at.given.settings))
        identities = self._at.given.identities
        session = identities.sessions.get(sessions.session_id_of(token)) if token else None
        return identities.accounts.get(session.account_id) if session else None


def hidden(text: str, name: str) -> str:
    """Return the value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found, name
    return found[1]
