"""Limits on request bodies: too large, nested too deeply, not JSON, or a form not in UTF-8.

`BodyLimitMiddleware` counts the bytes of every request where they are received, so that no reader
behind it can be handed more. `BodyCheckMiddleware` runs after authentication: it reads a body once
and checks its type and nesting.
"""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.guards.body_replay import replayed_body
from api.guards.form_charsets import check_form_charset
from api.guards.form_paths import accepts_forms, is_streamed
from api.guards.problem_responses import problem
from roost.errors import Invalid, TooLarge

MOST_DEEP = 32
_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
"""JSON strings; an unterminated one extends to the end, so that every byte is scanned once."""
_BRACKETS = re.compile(rb"[\[\]{}]")
BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods whose bodies nobody reads; they are limited, but not checked."""


class UnsupportedType(Invalid):
    """The body has another media type than JSON."""

    status = 415
    slug = "unsupported-type"
    title = "The body must be JSON"
    title_zh = "请求内容应为 JSON"


class BodyLimitMiddleware:
    """Ends the body of any request, of any method, at its limit.

    A declared length over the limit is refused before anything is read. Otherwise the bytes are
    counted as they arrive, because a length may be absent or wrong, and reading past the limit
    raises TooLarge. Streamed paths have the limit `most_streamed_bytes`.
    """

    def __init__(self, app: ASGIApp, most_bytes: int, most_streamed_bytes: int = 0) -> None:
        self._app = app
        self._most_bytes = most_bytes
        self._most_streamed_bytes = most_streamed_bytes or most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._most_streamed_bytes if is_streamed(scope) else self._most_bytes
        request = Request(scope)
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and _exceeds(declared, most):
            await problem(request, too_large(most))(scope, receive, send)
            return
        started = False

        async def track_send(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, _limited(receive, most), track_send)
        except TooLarge as error:
            if started:
                raise
            await problem(request, error)(scope, receive, send)


def _exceeds(declared: str, most: int) -> bool:
    """Return whether a declared length exceeds the limit; its digits may be arbitrarily many."""
    digits = declared.lstrip("0")
    return len(digits) > len(str(most)) or int(digits or "0") > most


def _limited(receive: Receive, most: int) -> Receive:
    """Return a `receive` that raises TooLarge instead of handing over more than `most` bytes."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > most:
            raise too_large(most)
        return message

    return counted


def too_large(most_bytes: int) -> TooLarge:
    """Return the error for a body over the limit."""
    return TooLarge(
        f"The body is over {most_bytes // 1000} kB; send less at once.",
        f"请求内容超过 {most_bytes // 1000} kB，请减少内容。",
    )


class BodyCheckMiddleware:
    """Reads the body of a write once, checks it, and passes it on whole.

    Streamed paths read their own body in parts.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in BODILESS or is_streamed(scope):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            body = await request.body()
            _check(request, body)
        except Invalid as error:
            await problem(request, error)(scope, receive, send)
            return
        await self._app(scope, replayed_body(body, receive), send)


def _check(request: Request, body: bytes) -> None:
    """Raise UnsupportedType for another type than JSON, Invalid for deep nesting.

    A form has to be in UTF-8.
    """
    sent_as = request.headers.get("content-type", "")
    if accepts_forms(request.scope["path"]):
        check_form_charset(sent_as)
        return
    kind = sent_as.split(";")[0].strip().lower()
    if body and kind != "application/json" and not kind.endswith("+json"):
        raise UnsupportedType(
            "content-type: send the body as application/json", "请以 application/json 发送"
        )
    if _depth(body) > MOST_DEEP:
        raise Invalid(
            f"(body): nested deeper than {MOST_DEEP}; send a flat document",
            f"嵌套超过 {MOST_DEEP} 层，请简化",
        )


def _depth(body: bytes) -> int:
    """Return the nesting depth of brackets outside strings."""
    depth = deepest = 0
    for bracket in _BRACKETS.findall(_STRINGS.sub(b"", body)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest
