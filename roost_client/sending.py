"""Requests with retries; all attempts of a write carry the same Idempotency-Key."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import stamina

from roost_client.client_errors import Problem, Unavailable, problem_of

WRITES = {"POST", "PUT", "PATCH", "DELETE"}


class Sender:
    """Sends requests and retries them."""

    def __init__(self, http: httpx.Client, attempts: int, timeout_s: float) -> None:
        self.http = http
        self._attempts = attempts
        self._timeout_s = timeout_s

    def send(
        self,
        method: str,
        path: str,
        *,
        key: str | None = None,
        wait_s: float = 0,
        tag: str | None = None,
        headers: dict[str, str] | None = None,
        **options: Any,
    ) -> httpx.Response:
        """Send a request; `wait_s` (seconds) becomes `Prefer: wait`, and `tag` becomes `If-Match`.

        Raises Problem if refused, Unavailable if the service stays away after all retries, and
        httpx's errors if there is no answer.
        """
        asked = {**(headers or {})}
        if method in WRITES:
            asked["idempotency-key"] = key or str(uuid.uuid4())
        if wait_s:
            asked["prefer"] = f"wait={int(wait_s)}"
        if tag is not None:
            asked["if-match"] = tag
        answer: httpx.Response | None = None
        for attempt in stamina.retry_context(
            on=again_after, attempts=self._attempts, timeout=self._timeout_s
        ):
            with attempt:
                answer = self.http.request(method, path, headers=asked, **options)
                if answer.is_error:
                    raise problem_of(answer)
        assert answer is not None
        return answer

    def pages(self, path: str, asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield every entry of a list, page by page."""
        cursor: str | None = None
        while True:
            params = {name: value for name, value in asked.items() if value is not None}
            if cursor is not None:
                params["cursor"] = cursor
            page = self.send("GET", path, params=params).json()
            yield from page["items"]
            cursor = page.get("next")
            if cursor is None:
                return


def again_after(error: Exception) -> bool | float:
    """Return whether to retry, or the seconds after which the service asks for a retry."""
    if isinstance(error, Unavailable):
        return error.retry_after_s if error.retry_after_s is not None else True
    if isinstance(error, Problem):
        return error.status in {502, 504}
    return isinstance(error, httpx.TransportError)
