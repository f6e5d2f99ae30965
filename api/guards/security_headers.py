"""What every answer carries: what a browser may do with it, and the request's id.

No script stands inside a page, nothing is loaded from elsewhere, nothing may frame a page, and no
cache keeps what is personal. What an answer says itself stays as it is.
"""

from __future__ import annotations

import secrets

from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
DOCS_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; font-src 'self' data:; worker-src 'self' blob:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""For the API's own pages only: they begin with a script of their own, and hold nobody's data."""
DOCS = ("/docs", "/redoc")
ALWAYS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"permissions-policy": (
        b"accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), "
        b"microphone=(), payment=(), usb=(), interest-cohort=()"
    ),
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"x-frame-options": b"DENY",
    b"cache-control": b"no-store",
}
ONE_YEAR_S = 31_536_000
REQUEST_ID = b"x-request-id"


class SecurityHeadersMiddleware:
    """The outermost: also what is refused before anything reads it carries them."""

    def __init__(self, app: ASGIApp, *, over_https: bool) -> None:
        self._app = app
        self._always = {**ALWAYS, b"content-security-policy": POLICY.encode()}
        if over_https:
            self._always[b"strict-transport-security"] = b"max-age=%d" % ONE_YEAR_S
        self._on_docs = {**self._always, b"content-security-policy": DOCS_POLICY.encode()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = id
        missing = self._on_docs if scope["path"].rstrip("/") in DOCS else self._always

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                there = {name.lower() for name, _ in headers}
                headers += [each for each in missing.items() if each[0] not in there]
                headers.append((REQUEST_ID, id.encode()))
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, sending)
