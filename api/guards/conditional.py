"""Conditional requests (RFC 9110, section 13): `ETag`, `If-None-Match` on reads, `If-Match` on
edits. A tag is the version of what it stands for, so it is strong.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Response
from pydantic import BaseModel
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from roost.errors import Refused

_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]*"')


class PreconditionFailed(Refused):
    status = 412
    slug = "precondition-failed"
    title = "It has been changed since you read it"
    title_zh = "内容已被他人修改"


def tag(version: int | str) -> str:
    return f'"{version}"'


def digest_of(content: BaseModel) -> str:
    """In place of a version, for what is put together from several things."""
    said = content.model_dump_json(by_alias=True).encode()
    return hashlib.blake2b(said, digest_size=12).hexdigest()


def tagged(response: Response, version: int | str) -> None:
    response.headers["etag"] = tag(version)
    # what is shown depends on who asks, and has to be asked for again
    response.headers["cache-control"] = "private, no-cache"


@dataclass(frozen=True, slots=True)
class Expected:
    """The tags of an `If-Match`; None when there was none, and anything is expected."""

    tags: frozenset[str] | None = None

    def check(self, version: int | str) -> None:
        """Raises PreconditionFailed when it stands at another version than was read."""
        if self.tags is None or self.tags & {tag(version), "*"}:
            return
        if any(each.startswith(f'"{version}-') for each in self.tags):
            return  # the same version, as an employer is shown it
        raise PreconditionFailed(
            f"If-Match: it stands at {tag(version)} now; read it again and make the edit on that.",
            f"If-Match：当前版本为 {tag(version)}，请重新读取后再修改。",
        )


ANYTHING = Expected()


async def _expected(if_match: Annotated[str | None, Header(max_length=1_000)] = None) -> Expected:
    if if_match is None:
        return ANYTHING
    if if_match.strip() == "*":
        return Expected(frozenset({"*"}))
    # a weak tag matches nothing here (RFC 9110, section 13.1.1)
    return Expected(frozenset(each for each in _TAG.findall(if_match) if not each.startswith("W/")))


IfMatch = Annotated[Expected, Depends(_expected)]


class NotModifiedMiddleware:
    """Answers 304 without a body when the client has what would be sent."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = Headers(scope=scope).get("if-none-match") if scope["type"] == "http" else None
        if known is None or scope["method"] not in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        same = False

        async def compared(message: Message) -> None:
            nonlocal same
            if message["type"] == "http.response.start" and message["status"] == 200:
                headers = MutableHeaders(scope=message)
                same = _has(known, headers.get("etag"))
                if same:
                    message["status"] = 304
                    del headers["content-length"], headers["content-type"]
            elif same and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app(scope, receive, compared)


def _has(known: str, current: str | None) -> bool:
    """Weak comparison, as the RFC asks of If-None-Match."""
    if current is None:
        return False
    tags = {each.removeprefix("W/") for each in _TAG.findall(known)}
    return known.strip() == "*" or current in tags
