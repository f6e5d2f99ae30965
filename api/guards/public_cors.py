"""Cross-origin reads of published openings: any site may show them (Fetch standard, CORS)."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PUBLISHED = ("/v1/public/", "/feeds/")
EXPOSED = ("etag", "link", "retry-after", "ratelimit", "ratelimit-policy")
ONE_DAY_S = 86_400


class PublicCorsMiddleware:
    """Lets scripts of other sites read published openings, without credentials; nothing else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._open = CORSMiddleware(
            app,
            allow_origins=["*"],
            allow_methods=["GET", "HEAD"],
            allow_headers=["accept-language", "if-none-match"],
            expose_headers=EXPOSED,
            max_age=ONE_DAY_S,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PUBLISHED):
            await self._app(scope, receive, send)
            return

        async def send_as_public(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["cross-origin-resource-policy"] = "cross-origin"
            await send(message)

        await self._open(scope, receive, send_as_public)
