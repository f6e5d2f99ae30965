"""Test accounts, and their sessions as browser cookies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx
import stamina

from producers import identity_facts as facts
from producers.publisher import Publisher
from roost.events.account import AccountRole, Holder
from roost.security import passwords
from roost.time.clock import SystemClock

PASSWORD = "four words of mine"


class SignsIn:
    def __init__(self, publisher: Publisher, url: str) -> None:
        self._publisher = publisher
        self._url = url
        self._hash = passwords.hashed(PASSWORD)
        self._cookies: dict[str, Sequence[Any]] = {}

    def account(self, login: str, name: str, role: AccountRole, **confined: Any) -> str:
        """Return the id of an account, creating it if needed."""
        account, record = facts.account_made(
            Holder(role=role, **confined),
            login,
            name,
            self._hash,
            at=SystemClock().now(),
            must_change=False,
        )
        self._publisher.publish([record])
        self._cookies.pop(login, None)
        return account.id

    def id_of(self, login: str) -> str:
        return facts.account_id(login)

    def cookies(self, login: str) -> Sequence[Any]:
        if login not in self._cookies:
            self._cookies[login] = self._signed_in(login)
        return self._cookies[login]

    @stamina.retry(on=httpx.HTTPError, attempts=None, timeout=30, wait_max=0.5)
    def _signed_in(self, login: str) -> Sequence[Any]:
        """Return the session's cookies once the API knows the account."""
        with httpx.Client(base_url=self._url, timeout=20) as client:
            asked = {"login": login, "password": PASSWORD}
            client.post("/v1/sign-in", json=asked).raise_for_status()
            return [
                {"name": name, "value": value, "url": self._url}
                for name, value in client.cookies.items()
            ]
