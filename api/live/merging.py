"""Several streams of events over one connection.

All tabs of a browser share a connection, because HTTP/1.1 allows six for each site. Each tab has
its own stream within it: an event `part` carries the tab's number and the event that it receives.

An event `beat` announces the longest silence in milliseconds: a page that hears nothing for much
longer has lost its connection, even if no error tells it so.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence

from sse_starlette import ServerSentEvent

MOST_PARTS = 12
"""Largest number of streams in one connection: proxies limit its address to 8 kB."""
WAITING = 100
"""Number of events that may wait for the connection; the streams then wait too."""
PART = "part"
BEAT = "beat"
BEAT_S = 4.0
"""Longest silence: `live.js` reports a lost connection after 2.5 of them."""


async def merged(
    streams: Sequence[AsyncIterator[ServerSentEvent]], retry_ms: int, beat_s: float = BEAT_S
) -> AsyncIterator[ServerSentEvent]:
    """Yield the events of all streams as they come, and a beat in each silence.

    All end as soon as one of the streams ends.
    """
    waiting: asyncio.Queue[ServerSentEvent | None] = asyncio.Queue(WAITING)

    async def forward(number: int, stream: AsyncIterator[ServerSentEvent]) -> None:
        async for event in stream:
            await waiting.put(_part(number, event, retry_ms))
        await waiting.put(None)

    forwarding = [asyncio.create_task(forward(*each)) for each in enumerate(streams)]
    beat = ServerSentEvent(event=BEAT, data=str(round(1_000 * beat_s)), retry=retry_ms)
    try:
        yield beat
        while (event := await _next(waiting, forwarding, beat, beat_s)) is not None:
            yield event
    finally:
        for each in forwarding:
            each.cancel()
        await asyncio.wait(forwarding)


async def _next(
    waiting: asyncio.Queue[ServerSentEvent | None],
    forwarding: Sequence[asyncio.Task[None]],
    beat: ServerSentEvent,
    beat_s: float,
) -> ServerSentEvent | None:
    """Return the next event, a beat after a silence, or None at the end.

    Raises the error of a stream that failed.
    """
    getting = asyncio.create_task(waiting.get())
    try:
        done, _ = await asyncio.wait(
            [getting, *forwarding], timeout=beat_s, return_when=asyncio.FIRST_COMPLETED
        )
        if not done:
            return beat
        for each in forwarding:
            if each.done() and (error := each.exception()) is not None:
                raise error
        return await getting
    finally:
        getting.cancel()


def _part(number: int, event: ServerSentEvent, retry_ms: int) -> ServerSentEvent:
    content = {"part": number, "event": event.event, "id": event.id, "data": event.data}
    return ServerSentEvent(event=PART, data=json.dumps(content, ensure_ascii=False), retry=retry_ms)
