"""Change feed by server-sent events, resumed from the last cursor after every interruption."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import httpx
import stamina

from roost_client.client_answers import Changed
from roost_client.client_errors import problem_of
from roost_client.sending import Sender, again_after

SILENT_S = 40.0
"""Seconds of silence after which a connection is dead; the service sends every 15 seconds."""


@dataclass(frozen=True, slots=True)
class Event:
    """Server-sent event: its name, id and data."""

    name: str
    id: str
    data: str


def followed(sender: Sender, since: str, types: Collection[str]) -> Iterator[Changed]:
    """Yield changes without end, from a cursor on. Raises Problem if refused; retries otherwise."""
    at = since
    while True:
        for attempt in stamina.retry_context(on=again_after, attempts=None, timeout=None):
            with attempt:
                events = _connected(sender.http, at, types)
                first = next(events, None)
        try:
            while first is not None:
                at = first.id or at
                if first.name == "change":
                    yield Changed.model_validate_json(first.data, extra="ignore").model_copy(
                        update={"cursor": at}
                    )
                first = next(events, None)
        except httpx.TransportError:
            continue


def _connected(http: httpx.Client, since: str, types: Collection[str]) -> Iterator[Event]:
    asked = {"since": since} | ({"types": ",".join(types)} if types else {})
    timeout = httpx.Timeout(10.0, read=SILENT_S)
    with http.stream("GET", "/v1/changes/events", params=asked, timeout=timeout) as answer:
        if answer.is_error:
            answer.read()
            raise problem_of(answer)
        yield from events_in(answer.iter_lines())


def events_in(lines: Iterable[str]) -> Iterator[Event]:
    """Yield the server-sent events in lines of text.

    Source: HTML standard, section 9.2.6.
    """
    fields: dict[str, list[str]] = {}
    for line in lines:
        if not line:
            if fields:
                yield Event(
                    "".join(fields.get("event", ["message"])[-1:]),
                    "".join(fields.get("id", [])[-1:]),
                    "\n".join(fields.get("data", [])),
                )
            fields = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(":")
            fields.setdefault(name, []).append(value.removeprefix(" "))
