"""What is turned away before anything reads it: bodies too large, too deep, or not JSON."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.guards.problem_responses import problem
from roost.errors import Invalid, TooLarge

MOST_DEEP = 32
_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
"""One without an end goes to the end: so no byte is looked at twice."""
_BRACKETS = re.compile(rb"[\[\]{}]")
WRITES = {"POST", "PUT", "PATCH"}


class UnsupportedType(Invalid):
    status = 415
    slug = "unsupported-type"
    title = "The body has to be JSON"
    title_zh = "请求内容应为 JSON"


class BodyLimitMiddleware:
    """Reads the body once, up to `most_bytes`, and hands it on whole.

    Paths that begin with one of `forms` take the bodies of web forms, and of mail programs; those
    that begin with one of `streamed` read their own, piece by piece, and bound it themselves.
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
        except Invalid as error:
            await problem(request, error)(scope, receive, send)
            return
        waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return waiting.pop() if waiting else await receive()

        await self._app(scope, replay, send)

    async def _body(self, request: Request) -> bytes:
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
        body = b"".join(chunks)
        if self._forms and request.scope["path"].startswith(self._forms):
            return body
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
        return body


def _depth(body: bytes) -> int:
    """How deep brackets nest, those inside strings left out."""
    depth = deepest = 0
    for bracket in _BRACKETS.findall(_STRINGS.sub(b"", body)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest
