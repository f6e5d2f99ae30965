"""Deadline of a request with its body and its response; live event streams are exempt."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.guards.problem_responses import problem
from roost.errors import Invalid, Transient

LIVE = b"text/event-stream"


class TooSlow(Invalid):
    """The body did not arrive before the deadline."""

    status = 408
    slug = "too-slow"
    title = "The request did not arrive in time"
    title_zh = "请求超时"


class RequestTimeoutMiddleware:
    """Ends a request at its deadline: 408 while the body is arriving, 503 while it is processed.

    A response that has started cannot be replaced; its connection is cut.
    """

    def __init__(self, app: ASGIApp, most_s: float) -> None:
        self._app = app
        self._most_s = most_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = arrived = False

        async def track_receive() -> Message:
            nonlocal arrived
            message = await receive()
            arrived = arrived or not message.get("more_body", False)
            return message

        async def track_send(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                if _is_live(message):
                    deadline.reschedule(None)
            await send(message)

        try:
            async with asyncio.timeout(self._most_s) as deadline:
                await self._app(scope, track_receive, track_send)
        except TimeoutError:
            if started or not deadline.expired():
                raise
            error = self._unanswered() if arrived or scope["method"] == "GET" else self._unread()
            await problem(Request(scope), error)(scope, receive, send)

    def _unanswered(self) -> Transient:
        return Transient(
            f"No answer within {self._most_s:.0f} s; try again.",
            f"{self._most_s:.0f} 秒内未能完成，请稍后重试。",
        )

    def _unread(self) -> TooSlow:
        return TooSlow(
            f"The body did not arrive within {self._most_s:.0f} s; send less at once.",
            f"请求内容未在 {self._most_s:.0f} 秒内送达，请减少内容。",
        )


def _is_live(start: Message) -> bool:
    return any(
        name.lower() == b"content-type" and value.startswith(LIVE)
        for name, value in start.get("headers", ())
    )
