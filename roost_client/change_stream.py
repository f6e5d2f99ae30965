"""Live streams by server-sent events, resumed from the last event after every interruption."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import httpx
import stamina
from httpx_sse import EventSource, ServerSentEvent, SSEError

from roost_client.client_errors import problem_of
from roost_client.sending import Sender, again_after

SILENT_S = 40.0
"""Seconds of silence after which a connection is dead; the service sends every 15 seconds."""
Request = Callable[[str], tuple[Mapping[str, str], Mapping[str, str]]]
"""Returns the query and the headers that resume a stream after an event id."""


def events_of(sender: Sender, path: str, since: str, request: Request) -> Iterator[ServerSentEvent]:
    """Yield the events of a stream without end, resumed after the last one received.

    Lines end as the HTML standard says (section 9.2.6), so text may contain any other separator.
    Raises Problem if the service refuses the stream; waits and reconnects otherwise.
    """
    at = since
    while True:
        for attempt in stamina.retry_context(on=_again_after, attempts=None, timeout=None):
            with attempt:
                events = _connected(sender.http, path, *request(at))
                event = next(events, None)
        try:
            while event is not None:
                at = event.id or at
                yield event
                event = next(events, None)
        except httpx.TransportError:
            continue


def _connected(
    http: httpx.Client, path: str, query: Mapping[str, str], headers: Mapping[str, str]
) -> Iterator[ServerSentEvent]:
    timeout = httpx.Timeout(10.0, read=SILENT_S)
    asked = {"accept": "text/event-stream", "cache-control": "no-store", **headers}
    with http.stream("GET", path, params=dict(query), headers=asked, timeout=timeout) as answer:
        if answer.is_error:
            answer.read()
            raise problem_of(answer)
        yield from EventSource(answer).iter_sse()


def _again_after(error: Exception) -> bool | float:
    """Return whether to reconnect; a proxy that answers with a page is one to wait for."""
    return True if isinstance(error, SSEError) else again_after(error)
