"""What is going away, for whoever follows a `rel="deprecation"` link; and saying so in answers."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access.requirements import Who
from api.deprecations.deprecated_routes import TABLE, WHERE, Deprecated, of_route
from roost.events.common import Model

router = APIRouter(tags=["deprecations"])


class Entries(Model):
    items: Sequence[Deprecated]


@router.get(WHERE, summary="What is going away, when, and what to do instead")
async def list_deprecations(who: Who) -> Entries:
    return Entries(items=TABLE)


class DeprecationMiddleware:
    """Says so of every deprecated route."""

    def __init__(self, app: ASGIApp, table: tuple[Deprecated, ...] = TABLE) -> None:
        self._app = app
        self._table = table

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = None
        if scope["type"] == "http":
            found = of_route(scope["method"], scope["path"], self._table)
        if found is None:
            await self._app(scope, receive, send)
            return
        headers = found.headers()

        async def announced(message: Message) -> None:
            if message["type"] == "http.response.start":
                for name, value in headers.items():
                    MutableHeaders(scope=message).append(name, value)
            await send(message)

        await self._app(scope, receive, announced)
