"""Hooks of the fuzzing, which its run loads: a serializer of files, and short waits."""

from __future__ import annotations

import re
from typing import Any

import schemathesis

from api.changes.endpoints import LONGEST_WAIT_S

WAIT_S = 1
"""Longest wait that a valid request asks for; nothing happens for which a longer one would pay."""
VALID_WAITS = {form(seconds) for seconds in range(LONGEST_WAIT_S + 1) for form in (int, str)}


FILES = (
    "application/x-ndjson",
    "application/jsonl",
    "application/vnd.ms-excel",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
"""Media types of files, whose bodies the document describes as one text or as bytes."""


@schemathesis.serializer(*FILES)
def serialize_file(context: Any, value: Any) -> bytes:
    """Return the body as it is."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Shorten the waits of valid requests; an invalid one is sent as it is."""
    query, headers = case.query or {}, case.headers or {}
    if query.get("wait") in VALID_WAITS:
        query["wait"] = min(int(query["wait"]), WAIT_S)
    if re.fullmatch(r"wait=\d+", str(headers.get("Prefer", ""))):
        headers["Prefer"] = f"wait={WAIT_S}"
