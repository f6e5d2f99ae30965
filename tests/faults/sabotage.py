"""Builds that break one promise each, or lack one defence against Faust: the launcher patches them
in, so that one sees the oracle turn red on real processes. Nothing of the product imports this."""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, NoReturn

import faust

from roost import ids
from roost.views.elastic import Elastic, Write
from streams.kernel import crash, faust_runner
from streams.kernel.guard import Guard
from streams.notify import rules

Async = Callable[..., Awaitable[Any]]
PAUSE_S = 1.5
_kept: set[asyncio.Task[Any]] = set()


def acknowledge_first(stage: str) -> None:
    """Acknowledges before it handles, so a kill loses what was under way (L)."""
    process = Guard.process

    async def later(self: Guard, batch: Sequence[Any]) -> None:
        await asyncio.sleep(PAUSE_S)
        await process(self, batch)

    async def at_once(self: Guard, batch: Sequence[Any]) -> None:
        task = asyncio.create_task(later(self, batch))
        _kept.add(task)
        task.add_done_callback(_kept.discard)

    Guard.process = at_once  # type: ignore[method-assign]


def older_version(stage: str) -> None:
    """Writes what an entity said first whatever comes after (E)."""
    write = Elastic.write
    first: dict[tuple[str, str], Any] = {}

    async def old(self: Elastic, writes: Sequence[Write], **named: Any) -> Any:
        for each in writes:
            first.setdefault((each.view, each.id), each.document)
        olden = [
            replace(each, document={**first[each.view, each.id], "version": each.version})
            for each in writes
        ]
        return await write(self, olden, **named)

    Elastic.write = old  # type: ignore[method-assign]


def tells_strangers(stage: str) -> None:
    """Notifies somebody whom the match does not concern (T)."""
    proper = rules.notifications_for

    def wrongly(match: Any, *more: Any, **named: Any) -> Any:
        for each in proper(match, *more, **named):
            yield each
            if each.recipient.kind == "worker":
                stranger = ids.worker_id("stranger", each.id)
                yield each.model_copy(
                    update={
                        "id": ids.derive("n", stranger, each.id),
                        "recipient": each.recipient.model_copy(update={"id": stranger}),
                    }
                )

    rules.notifications_for = wrongly


def says_twice(stage: str) -> None:
    """Gives a repeat an id of its own, so that nobody can tell that it is one (D)."""
    proper = rules.notifications_for

    def twice(match: Any, *more: Any, **named: Any) -> Any:
        for each in proper(match, *more, **named):
            yield each
            yield each.model_copy(update={"id": ids.derive("n", each.id, "again")})

    rules.notifications_for = twice


def never_ends(stage: str) -> None:
    """Takes a batch and never comes to an end with it (Q)."""

    async def stuck(self: Guard, batch: Sequence[Any]) -> None:
        await asyncio.Event().wait()

    Guard.process = stuck  # type: ignore[method-assign]


def new_ids(stage: str) -> None:
    """Sends every message twice, the second under an id that no delivery names (T): a receiver
    that honours ids cannot drop it."""
    count = iter(range(1_000_000))

    def doubled(send: Async) -> Async:
        async def twice(self: Any, message: Any, *rest: Any, **named: Any) -> Any:
            await send(self, message, *rest, **named)
            other = replace(message, id=ids.derive("n", message.id, str(next(count))))
            return await send(self, other, *rest, **named)

        return twice

    each_channel(doubled)


def goes_on(stage: str) -> None:
    """Takes events as Faust gives them, and leaves to Faust what escaped: it acknowledges the event
    and goes on with the next (L)."""

    async def acknowledged(stream: Any, at_most: int) -> AsyncIterator[list[Any]]:
        async for event in stream.events():
            yield [event]

    def go_on(status: int) -> NoReturn:
        error = sys.exception()
        assert error is not None
        raise error

    faust_runner._event_batches = acknowledged
    crash.os = SimpleNamespace(_exit=go_on)  # type: ignore[assignment]


def two_at_once(stage: str) -> None:
    """Runs two of an agent, as Faust offers: what the second has done is committed over the head
    of the first (L)."""
    agent = faust.App.agent

    def doubled(self: faust.App, *arguments: Any, **named: Any) -> Any:
        return agent(self, *arguments, **named | {"concurrency": 2})

    faust.App.agent = doubled  # type: ignore[method-assign]


def each_channel(wrap: Callable[[Async], Async]) -> None:
    """Wraps `send` of every channel that the deliver stage knows."""
    import streams.deliver.channels as channels

    for _, kind in inspect.getmembers(channels, inspect.isclass):
        own = kind.__dict__.get("send")
        if own is not None and not getattr(kind, "_is_protocol", False):
            setattr(kind, "send", wrap(own))  # noqa: B010  no type knows it


SABOTAGES: dict[str, Callable[[str], None]] = {
    "acknowledge-first": acknowledge_first,
    "older-version": older_version,
    "tells-strangers": tells_strangers,
    "says-twice": says_twice,
    "never-ends": never_ends,
    "new-ids": new_ids,
    "goes-on": goes_on,
    "two-at-once": two_at_once,
}
