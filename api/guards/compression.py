"""Compression of answers whose bytes no strong ETag names.

A strong ETag identifies the exact bytes of an answer, so compressing one would need another tag
(RFC 9110, 8.8.3). Entities carry strong tags and are small; lists, feeds and exports do not. Pages
are left to `ConsoleMiddleware`, which compresses them although they hold a session's token next to
a visitor's input: another site cannot have a session's pages fetched again and again, as the BREACH
attack needs, because its requests carry no cookie (SameSite=Lax).
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware, GZipResponder
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MEDIA = frozenset(
    {
        "application/atom+xml",
        "application/json",
        "application/ld+json",
        "application/x-ndjson",
        "text/csv",
    }
)
LEAST_BYTES = 1_000
LEVEL = 5


class _Responder(GZipResponder):
    _unchanged = False

    async def send_with_compression(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._unchanged = not _is_compressible(message)
        if self._unchanged:
            await self.send(message)
        else:
            await super().send_with_compression(message)


class CompressionMiddleware(GZipMiddleware):
    """Compresses data for clients that accept gzip; answers that may not be are unchanged."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, minimum_size=LEAST_BYTES, compresslevel=LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        accepted = Headers(scope=scope).get("accept-encoding", "") if "headers" in scope else ""
        if scope["type"] != "http" or not accepts_gzip(accepted):
            await self.app(scope, receive, send)
            return
        responder = _Responder(
            self.app,
            self.minimum_size,
            compresslevel=self.compresslevel,
            thread_minimum_size=self.thread_minimum_size,
        )
        await responder(scope, receive, send)


def accepts_gzip(header: str) -> bool:
    """Return whether an `Accept-Encoding` header accepts gzip."""
    for part in header.lower().split(","):
        coding, _, weight = part.strip().partition(";")
        if coding.strip() in {"gzip", "*"}:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def _is_compressible(message: Message) -> bool:
    headers = Headers(raw=message.get("headers", []))
    media = headers.get("content-type", "").split(";")[0].strip()
    weak = headers.get("etag", "W/").startswith("W/")
    return media in MEDIA and weak and "no-transform" not in headers.get("cache-control", "")
