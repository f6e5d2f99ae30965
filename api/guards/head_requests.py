"""`HEAD` for every readable path: the headers of a `GET`, without its body (RFC 9110, 9.3.2)."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

STREAM = b"text/event-stream"


class HeadMiddleware:
    """Answers `HEAD` by running the `GET` and dropping the body; a live stream is ended at once."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        ended = asyncio.Event()

        async def receive_until_ended() -> Message:
            return await _first(receive, ended)

        async def send_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                if _is_stream(message):
                    ended.set()
                    await send({"type": "http.response.body", "body": b"", "more_body": False})
            elif not ended.is_set():
                await send({**message, "body": b""})

        await self._app({**scope, "method": "GET"}, receive_until_ended, send_headers)


def _is_stream(message: Message) -> bool:
    media = dict(message.get("headers", ())).get(b"content-type", b"")
    return bool(media.startswith(STREAM))


async def _first(receive: Receive, ended: asyncio.Event) -> Message:
    """Return the next message, or a disconnection once the answer has ended."""
    message = asyncio.ensure_future(receive())
    stopped = asyncio.ensure_future(ended.wait())
    try:
        await asyncio.wait({message, stopped}, return_when=asyncio.FIRST_COMPLETED)
        return message.result() if message.done() else {"type": "http.disconnect"}
    finally:
        stopped.cancel()
        if not message.done():
            message.cancel()
