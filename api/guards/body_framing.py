"""Refusal of requests whose end two servers may see at different places.

h11 accepts `Content-Length` together with `Transfer-Encoding`, as RFC 9112 allows. A proxy in front
that goes by the other header would take a part of the body for the next request, possibly another
caller's (request smuggling). HTTP/1.0 has no transfer coding.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.guards.problem_responses import problem
from roost.errors import Invalid


class AmbiguousLength(Invalid):
    """A request states the length of its body twice, or in a way that its version lacks."""

    status = 400
    slug = "ambiguous-length"
    title = "The length of the body is ambiguous"
    title_zh = "请求内容长度不明确"

    def __init__(self, message: str, message_zh: str) -> None:
        super().__init__(message, message_zh)
        self.headers = {"connection": "close"}


class BodyFramingMiddleware:
    """Refuses such a request before anything is read, and ends its connection."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _is_ambiguous(scope):
            await self._app(scope, receive, send)
            return
        error = AmbiguousLength(
            "content-length, transfer-encoding: send one of them, and a transfer coding by "
            "HTTP/1.1 only",
            "Content-Length 与 Transfer-Encoding 只能使用其一，且后者仅限 HTTP/1.1",
        )
        await problem(Request(scope), error)(scope, receive, send)


def _is_ambiguous(scope: Scope) -> bool:
    names = {name for name, _ in scope["headers"]}
    if b"transfer-encoding" not in names:
        return False
    return b"content-length" in names or scope.get("http_version") == "1.0"
