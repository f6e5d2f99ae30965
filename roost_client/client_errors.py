"""What the API refuses, as errors: an RFC 9457 problem with the fields that are at fault.

Problem
├── NotFound       404
├── Conflict       409
├── Outdated       412: somebody has changed it since it was read
└── Unavailable    429 or 503: it has been tried again, and is still away
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx


class Problem(Exception):
    def __init__(self, status: int, said: Mapping[str, Any], retry_after_s: float | None) -> None:
        super().__init__(f"{status} {said.get('title', '')}: {said.get('detail', '')}")
        self.status = status
        self.type: str = said.get("type", "")
        self.detail: str = said.get("detail", "")
        self.fields: dict[str, str] = {
            each["field"]: each["message"] for each in said.get("errors", ())
        }
        self.retry_after_s = retry_after_s


class NotFound(Problem):
    pass


class Conflict(Problem):
    pass


class Outdated(Problem):
    pass


class Unavailable(Problem):
    pass


KINDS: dict[int, type[Problem]] = {
    404: NotFound,
    409: Conflict,
    412: Outdated,
    429: Unavailable,
    503: Unavailable,
}
IN_FLIGHT = "/problems/idempotency-key-in-flight"


def problem_of(answer: httpx.Response) -> Problem:
    """The answer's problem, read already."""
    is_json = "json" in answer.headers.get("content-type", "")
    said = answer.json() if is_json else {"detail": answer.text[:200]}
    after = answer.headers.get("retry-after", "")
    kind = KINDS.get(answer.status_code, Problem)
    if kind is Conflict and said.get("type") == IN_FLIGHT:
        kind = Unavailable
    return kind(answer.status_code, said, float(after) if after.isdecimal() else None)
