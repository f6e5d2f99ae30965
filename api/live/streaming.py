"""Live changes as server-sent events."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import structlog
from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.types import Receive, Scope, Send

from api.live.own_positions import OwnPositions
from api.ports.services import LiveHub, StreamCount

_log = structlog.get_logger(__name__)
PING_S = 15
SEND_WITHIN_S = 30.0
"""Longest wait for a client that does not read; then its connection is cut."""
RETRY_MS = 2_000


class LiveResponse(EventSourceResponse):
    """A stream of events that is counted from its first byte to its end.

    Raises TooManyStreams instead of its first byte, so that the error becomes the answer.
    """

    def __init__(
        self, events: AsyncIterator[ServerSentEvent], streams: StreamCount, counted_as: str
    ) -> None:
        super().__init__(events, ping=PING_S, send_timeout=SEND_WITHIN_S)
        self._streams = streams
        self._counted_as = counted_as

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._streams.one(self._counted_as):
            try:
                await super().__call__(scope, receive, send)
            except SendTimeoutError:
                _log.info("live_subscriber_cut", owner=self._counted_as)


async def event_stream(
    live: LiveHub,
    channel: str,
    who: str,
    last_id: str | None,
    still: Callable[[], bool] = lambda: True,
    own: OwnPositions | None = None,
) -> AsyncIterator[ServerSentEvent]:
    """Yield `ready`, then one event per change of a channel, named by its kind.

    With `own`, ids serve their caller only; a foreign one means now. The stream ends as soon as
    `still` returns False: the subscriber may no longer watch.
    """
    since = await live.resumed(own.opened(last_id) if own else last_id)

    def id_of(position: str) -> str:
        return own.marked(position) if own else position

    yield ServerSentEvent(event="ready", id=id_of(since), data=who, retry=RETRY_MS)
    async for change in live.watch((channel,), since, still):
        yield ServerSentEvent(event=change.kind.value, id=id_of(change.id), data=change.data)
