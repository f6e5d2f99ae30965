"""The client: one connection pool, and what can be asked through it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from types import TracebackType
from typing import Any

import httpx

from roost_client.change_stream import followed
from roost_client.client_answers import Changed
from roost_client.sending import Sender
from roost_client.things import Imports, Matches, Openings, Profiles


class Roost:
    """`key` is an API key. Thread-safe, as httpx is; close it, or use it in a `with`."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        language: str = "zh",
        timeout_s: float = 60.0,
        attempts: int = 8,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """`attempts` and `timeout_s` bound how long a request is tried again."""
        headers = {"authorization": f"Bearer {key}", "accept-language": language}
        http = httpx.Client(base_url=url, headers=headers, timeout=timeout_s, transport=transport)
        self._sender = Sender(http, attempts, timeout_s)
        self.openings = Openings(self._sender)
        self.profiles = Profiles(self._sender)
        self.matches = Matches(self._sender)
        self.imports = Imports(self._sender)

    def __enter__(self) -> Roost:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._sender.http.close()

    def now(self) -> str:
        """A cursor of the change feed: what comes after this moment."""
        return str(self._sender.send("GET", "/v1/changes").json()["next"])

    def changes(self, since: str | None = None, types: Collection[str] = ()) -> Iterator[Changed]:
        """Every change from a cursor on, without end; it connects again and misses nothing."""
        return followed(self._sender, since or self.now(), types)

    def ask(self, method: str, path: str, **said: Any) -> Any:
        """Whatever else the API answers, as plain values."""
        return self._sender.send(method, path, **said).json()
