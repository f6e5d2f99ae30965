"""Security headers of every answer, and the request id: the one definition.

Pages contain no inline script, load nothing from other sites and cannot be framed; no cache stores
personal data. A header that an answer sets itself is kept.
"""

from __future__ import annotations

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from roost.security.random_bytes import random_bytes


def content_policy(*directives: str) -> str:
    """Return a Content-Security-Policy that allows nothing but forms to us and `directives`."""
    always = ("form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'")
    return "; ".join(("default-src 'none'", *directives, *always))


POLICY = content_policy(
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
)
DOCS_POLICY = content_policy(
    "script-src 'self' 'unsafe-inline'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "font-src 'self' data:",
    "worker-src 'self' blob:",
)
"""Policy of the API documentation only: its pages begin with an inline script and hold no data."""
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
    """Adds the security headers; as the outermost middleware it covers early refusals too."""

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
        id = random_bytes(8).hex()
        scope.setdefault("state", {})["request_id"] = id
        defaults = self._on_docs if scope["path"].rstrip("/") in DOCS else self._always

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                present = {name.lower() for name, _ in headers}
                headers += [each for each in defaults.items() if each[0] not in present]
                headers.append((REQUEST_ID, id.encode()))
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, send_with_headers)


def clear_browser(response: Response) -> None:
    """Make the browser remove everything that pages of this site keep in it, except cookies.

    Source: Clear Site Data, W3C working draft of 2017.
    """
    response.headers["clear-site-data"] = '"storage"'


def mark_shown_once(response: Response) -> None:
    """Mark an answer that holds a secret: neither a cache nor the idempotency store keeps it."""
    response.headers["cache-control"] = "no-store"


def is_shown_once(cache_control: str | None) -> bool:
    """Return whether an answer was marked by `mark_shown_once`."""
    return cache_control == "no-store"
