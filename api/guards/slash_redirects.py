"""Redirects of a path with a needless or missing final slash, within this host.

The framework builds the address from the `Host` header, which a caller chooses, and from the scheme
of the last hop: behind a TLS proxy it would lead a request with its key to plain http.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

TEMPORARY = 307


class SlashRedirectMiddleware:
    """Sends such a redirect with its path and query only."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_locally(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == TEMPORARY:
                headers = [
                    (name, local_location(value) if name.lower() == b"location" else value)
                    for name, value in message.get("headers", ())
                ]
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, send_locally)


def local_location(location: bytes) -> bytes:
    """Return the path and the query of a location: always one on this host."""
    url = urlsplit(location)
    path = b"/" + url.path.lstrip(b"/\\")
    return path + b"?" + url.query if url.query else path
