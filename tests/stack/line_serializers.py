"""Serializers of JSON lines for Schemathesis, which knows none; its run loads this module."""

from __future__ import annotations

from typing import Any

import schemathesis


@schemathesis.serializer("application/x-ndjson", "application/jsonl")
def serialize_lines(context: Any, value: Any) -> bytes:
    """Return the body as it is: the document describes lines as one text."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
