"""Middleware that announces a deprecated route in its answers."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.deprecations.deprecated_routes import TABLE, DeprecatedRoute, deprecated_route


class DeprecationMiddleware:
    """Adds the headers of a route's deprecation to its answers."""

    def __init__(self, app: ASGIApp, table: tuple[DeprecatedRoute, ...] = TABLE) -> None:
        self._app = app
        self._table = table

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = None
        if scope["type"] == "http":
            route = deprecated_route(scope["method"], scope["path"], self._table)
        if route is None:
            await self._app(scope, receive, send)
            return
        headers = route.headers()

        async def send_with_deprecation(message: Message) -> None:
            if message["type"] == "http.response.start":
                for name, value in headers.items():
                    MutableHeaders(scope=message).append(name, value)
            await send(message)

        await self._app(scope, receive, send_with_deprecation)
