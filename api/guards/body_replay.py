"""A request body that has been read, handed to the application again."""

from __future__ import annotations

from starlette.types import Message, Receive


def replayed_body(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that yields the body once, then what the server sends (a disconnect)."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return pending.pop() if pending else await receive()

    return replay
