"""Weak ETags of lists: a client that has the same page receives 304 without it.

The tag covers the entries and counts of a page, not the cursor of the next one, which differs in
every answer.
"""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.guards.conditional import REVALIDATED

LONGEST_BYTES = 2_000_000
"""A longer answer has no tag."""
RESUMED = "/v1/changes"
"""The change feed: its cursor moves although no change is visible."""


class ListTagMiddleware:
    """Adds a weak ETag to a list's answer that has none."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not may_be_list(scope["path"]):
            await self._app(scope, receive, send)
            return
        start: Message | None = None

        async def send_with_tag(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_untagged_json(message):
                start = message  # held until the body is known
                return
            if start is not None:
                held, start = start, None
                _tag_list(held, message)
                await send(held)
            await send(message)

        await self._app(scope, receive, send_with_tag)


def may_be_list(path: str) -> bool:
    """Return whether answers of a path can have the tag of a list."""
    return path.startswith("/v1/") and not path.startswith(RESUMED)


def _is_untagged_json(message: Message) -> bool:
    headers = MutableHeaders(scope=message)
    media = headers.get("content-type", "")
    return message["status"] == 200 and media == "application/json" and "etag" not in headers


def _tag_list(start: Message, body: Message) -> None:
    content = body.get("body", b"")
    if body.get("more_body") or len(content) > LONGEST_BYTES:
        return
    tag = list_tag(content)
    if tag is not None:
        headers = MutableHeaders(scope=start)
        headers["etag"] = tag
        headers.setdefault("cache-control", REVALIDATED)


def list_tag(content: bytes) -> str | None:
    """Return the tag of a list's JSON; None if it is none."""
    found: Any = orjson.loads(content)
    if not isinstance(found, dict) or not isinstance(found.get("items"), list):
        return None
    known = {name: value for name, value in found.items() if name != "next"}
    digest = hashlib.blake2b(orjson.dumps(known, option=orjson.OPT_SORT_KEYS), digest_size=12)
    return f'W/"{digest.hexdigest()}"'
