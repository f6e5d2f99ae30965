"""Limits on request bodies: too large, nested too deeply, or not JSON."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.guards.body_replay import replayed_body
from api.guards.problem_responses import problem
from roost.errors import Invalid, TooLarge

MOST_DEEP = 32
_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
"""JSON strings; an unterminated one extends to the end, so that every byte is scanned once."""
_BRACKETS = re.compile(rb"[\[\]{}]")
WRITES = {"POST", "PUT", "PATCH"}


class UnsupportedType(Invalid):
    """The body has another media type than JSON."""

    status = 415
    slug = "unsupported-type"
    title = "The body must be JSON"
    title_zh = "请求内容应为 JSON"


class BodyLimitMiddleware:
    """Reads a body once, up to `most_bytes`, and passes it on whole.

    Paths that begin with one of `forms` accept the bodies of web forms and mail programs. Paths
    that begin with one of `streamed` read their own body in parts, and limit it themselves.
    """

    def __init__(
        self,
        app: ASGIApp,
        most_bytes: int,
        forms: tuple[str, ...] = (),
        streamed: tuple[str, ...] = (),
    ) -> None:
        self._app = app
        self._streamed = streamed
        self._most_bytes = most_bytes
        self._forms = forms

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] != "http"
            or scope["method"] not in WRITES
            or scope["path"].startswith(self._streamed)
        ):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            body = await self._body(request)
            self._check(request, body)
        except Invalid as error:
            await problem(request, error)(scope, receive, send)
            return
        await self._app(scope, replayed_body(body, receive), send)

    async def _body(self, request: Request) -> bytes:
        """Read the body. Raises TooLarge."""
        too_large = TooLarge(
            f"The body is over {self._most_bytes // 1000} kB; send less at once.",
            f"请求内容超过 {self._most_bytes // 1000} kB，请减少内容。",
        )
        if int(request.headers.get("content-length") or 0) > self._most_bytes:
            raise too_large
        chunks, size = [], 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > self._most_bytes:
                raise too_large
            chunks.append(chunk)
        return b"".join(chunks)

    def _check(self, request: Request, body: bytes) -> None:
        """Raise UnsupportedType for another type than JSON, Invalid for deep nesting."""
        if self._forms and request.scope["path"].startswith(self._forms):
            return
        kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
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
