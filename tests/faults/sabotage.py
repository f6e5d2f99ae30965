"""Builds that break one promise each, or lack one defence against Faust.

The launcher patches them in, to show that the oracle fails on real processes. Nothing of the
product imports this module.
"""

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
    """Acknowledge before handling, so that a kill loses events in flight (L)."""
    process = Guard.process

    async def later(self: Guard, batch: Sequence[Any]) -> None:
        await asyncio.sleep(PAUSE_S)
        await process(self, batch)

    async def at_once(self: Guard, batch: Sequence[Any]) -> None:
        task = asyncio.create_task(later(self, batch))
        _kept.add(task)
        task.add_done_callback(_kept.discard)

    Guard.process = at_once  # type: ignore[method-assign]


def write_old_version(stage: str) -> None:
    """Write the first content of an entity for every later version (E)."""
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


def notify_strangers(stage: str) -> None:
    """Notify a worker whom the match does not concern (T)."""
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


def notify_twice(stage: str) -> None:
    """Give a repeated notification a new id, so that it cannot be recognised (D)."""
    proper = rules.notifications_for

    def twice(match: Any, *more: Any, **named: Any) -> Any:
        for each in proper(match, *more, **named):
            yield each
            yield each.model_copy(update={"id": ids.derive("n", each.id, "again")})

    rules.notifications_for = twice


def never_finish(stage: str) -> None:
    """Take a batch and never finish it (Q)."""

    async def stuck(self: Guard, batch: Sequence[Any]) -> None:
        await asyncio.Event().wait()

    Guard.process = stuck  # type: ignore[method-assign]


def change_ids(stage: str) -> None:
    """Send every message again under an id that no delivery names (T).

    A receiver that honours ids cannot drop it.
    """
    count = iter(range(1_000_000))

    def doubled(send: Async) -> Async:
        async def twice(self: Any, message: Any, *rest: Any, **named: Any) -> Any:
            await send(self, message, *rest, **named)
            other = replace(message, id=ids.derive("n", message.id, str(next(count))))
            return await send(self, other, *rest, **named)

        return twice

    each_channel(doubled)


def continue_after_errors(stage: str) -> None:
    """Take events as Faust delivers them, and leave escaped errors to Faust (L).

    Faust then acknowledges the event and continues with the next.
    """

    async def acknowledged(stream: Any, at_most: int) -> AsyncIterator[list[Any]]:
        async for event in stream.events():
            yield [event]

    def go_on(status: int) -> NoReturn:
        error = sys.exception()
        assert error is not None
        raise error

    faust_runner._event_batches = acknowledged
    crash.os = SimpleNamespace(_exit=go_on)  # type: ignore[assignment]


def run_two_agents(stage: str) -> None:
    """Run two instances of an agent, as Faust offers (L).

    A commit of the second covers events that the first has not finished.
    """
    agent = faust.App.agent

    def doubled(self: faust.App, *arguments: Any, **named: Any) -> Any:
        return agent(self, *arguments, **named | {"concurrency": 2})

    faust.App.agent = doubled  # type: ignore[method-assign]


def each_channel(wrap: Callable[[Async], Async]) -> None:
    """Wrap `send` of every channel that the deliver stage knows."""
    import streams.deliver.channels as channels
    from streams.deliver.providers import sms_sinks, voice_sinks, wechat_sinks

    modules = (channels, sms_sinks, voice_sinks, wechat_sinks)
    found = [each for module in modules for each in inspect.getmembers(module, inspect.isclass)]
    for kind in {kind for _, kind in found}:
        own = kind.__dict__.get("send")
        if own is not None and not getattr(kind, "_is_protocol", False):
            setattr(kind, "send", wrap(own))  # noqa: B010  unknown to the type


SABOTAGES: dict[str, Callable[[str], None]] = {
    "acknowledge-first": acknowledge_first,
    "older-version": write_old_version,
    "notifies-strangers": notify_strangers,
    "notifies-twice": notify_twice,
    "never-ends": never_finish,
    "new-ids": change_ids,
    "continues-after-errors": continue_after_errors,
    "two-at-once": run_two_agents,
}
