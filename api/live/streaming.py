"""Live changes as server-sent events."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from sse_starlette import ServerSentEvent

from api.ports.services import LiveHub


async def event_stream(
    live: LiveHub,
    who: str,
    last_id: str | None,
    event: str,
    still: Callable[[], bool] = lambda: True,
) -> AsyncIterator[ServerSentEvent]:
    """Yield `ready`, then one event per change that concerns `who`.

    The stream ends as soon as `still` returns False: the subscriber may no longer watch.
    """
    since = last_id or await live.position()
    yield ServerSentEvent(event="ready", id=since, data=who, retry=2_000)
    async for change in live.watch(who, since):
        if not still():
            return
        yield ServerSentEvent(event=event, id=change.id, data=change.data)
