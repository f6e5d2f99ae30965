"""Errors of the API: RFC 9457 problems, with the fields that are at fault.

Problem
├── NotFound       404
├── Conflict       409
├── Outdated       412: the object has changed since it was read
└── Unavailable    429 or 503: still unavailable after all retries
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx


class Problem(Exception):
    """The API refused a request; `fields` maps the paths of faulty fields to messages."""

    def __init__(self, status: int, body: Mapping[str, Any], retry_after_s: float | None) -> None:
        super().__init__(f"{status} {body.get('title', '')}: {body.get('detail', '')}")
        self.status = status
        self.type: str = body.get("type", "")
        self.detail: str = body.get("detail", "")
        self.fields: dict[str, str] = {
            each["field"]: each["message"] for each in body.get("errors", ())
        }
        self.retry_after_s = retry_after_s


class ChangesMissed(Exception):
    """More changes were missed than the service replays: read the lists, then resume at `cursor`.

    Not a Problem, since the service did not refuse anything.
    """

    def __init__(self, cursor: str) -> None:
        super().__init__("Too many changes were missed; read the lists and resume at the cursor")
        self.cursor = cursor


class NotFound(Problem):
    """The object does not exist (404)."""


class Conflict(Problem):
    """The request conflicts with the current state (409)."""


class Outdated(Problem):
    """The object has changed since it was read (412)."""


class Unavailable(Problem):
    """The service is busy or away, also after all retries (429, 503)."""


KINDS: dict[int, type[Problem]] = {
    404: NotFound,
    409: Conflict,
    412: Outdated,
    429: Unavailable,
    503: Unavailable,
}
IN_FLIGHT = "/problems/idempotency-key-in-flight"


def problem_of(answer: httpx.Response) -> Problem:
    """Return the problem in an answer whose body has been read."""
    is_json = "json" in answer.headers.get("content-type", "")
    body = answer.json() if is_json else {"detail": answer.text[:200]}
    after = answer.headers.get("retry-after", "")
    kind = KINDS.get(answer.status_code, Problem)
    if kind is Conflict and body.get("type") == IN_FLIGHT:
        kind = Unavailable
    return kind(answer.status_code, body, float(after) if after.isdecimal() else None)
