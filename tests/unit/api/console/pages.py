"""The console in memory with a signed-in person, without a server or a browser."""

from __future__ import annotations

from typing import Any

import httpx

from api.access import sessions
from api.access.sessions import csrf_token
from api.app import create_app
from producers import identity_facts as facts
from roost.events.account import AccountRole, Holder
from roost.settings import Settings
from roost.time.clock import Clock, FixedClock
from tests.unit.api.builders import NOW
from tests.unit.api.signed import KEY, Topics, given_to


class Signed:
    """Browser with a signed-in account; every form it submits carries the session's token."""

    def __init__(
        self,
        role: AccountRole,
        *,
        elastic: Any = None,
        others: Any = None,
        language: str = "en",
        clock: Clock | None = None,
        password_hash: str | None = None,
        **confined: Any,
    ) -> None:
        self.topics = Topics(others)
        self.app = app = create_app(Settings())
        self.given = given_to(app, self.topics, elastic=elastic, clock=clock or FixedClock(NOW))
        holder = Holder(role=role, **confined)
        self.account, said = facts.account_made(
            holder, f"{role}.one", "Somebody", password_hash, at=NOW, must_change=False
        )
        self.topics.put(said)
        opened = sessions.new_session(self.account, NOW, self.given.settings)
        self.topics.put(facts.session_put(opened.session, at=NOW))
        self.session = opened.session
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app),
            base_url="http://127.0.0.1:8000",
            cookies={"roost_language": language},
        )
        name = sessions.cookie_name(self.given.settings)
        self.client.cookies.set(name, opened.token, domain="127.0.0.1", path="/")

    @property
    def _csrf(self) -> str:
        """Token of the session that the browser has now."""
        token = self.client.cookies[sessions.cookie_name(self.given.settings)]
        session = self.topics.identities.sessions.get(sessions.session_id_of(token))
        assert session is not None
        return csrf_token(KEY, session)

    async def get(self, path: str, **query: Any) -> httpx.Response:
        return await self.client.get(path, params=query or None)

    async def send(self, path: str, **fields: Any) -> httpx.Response:
        return await self.client.post(path, data={"csrf": self._csrf, **fields})
