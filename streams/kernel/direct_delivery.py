"""Delivery of Faust's records to their stream without a task for each of them.

Faust makes four tasks for every record, so that a delivery that waits for room or for a rebalance
can be given up. Nearly all deliveries wait for nothing: such a delivery now ends within the call.
One that has to wait continues as a task from where it waits, and is given up as before.
"""

from __future__ import annotations

import types
from collections.abc import Coroutine, Generator, Iterable
from functools import partial
from typing import Any

from mode import Service
from mode.services import WaitArgT, WaitResults


class DirectDelivery(Service):
    """A service that runs what it waits for at once, and waits only if that has to."""

    async def wait_first(
        self,
        *coros: WaitArgT,
        timeout: Any = None,  # noqa: ASYNC109  mode's signature, whose type omits its default
    ) -> WaitResults:
        """Return the first to end, as `Service` does; without a task if it ends in its first step.

        Only the first coroutine is tried in this way; the others are not started then.
        """
        delivery, *others = coros
        if not isinstance(delivery, Coroutine):
            return await super().wait_first(*coros, timeout=timeout)
        try:
            awaited = delivery.send(None)
        except StopIteration as end:
            _close(others)
            return WaitResults([delivery], [end.value], stopped=False)
        except BaseException:
            _close(others)
            raise
        return await super().wait_first(_resumed(delivery, awaited), *others, timeout=timeout)


def _close(unstarted: Iterable[WaitArgT]) -> None:
    """Close coroutines that are not needed."""
    for each in unstarted:
        if isinstance(each, Coroutine):
            each.close()


async def _resumed(started: Coroutine[Any, Any, Any], awaited: Any) -> Any:
    """Finish a coroutine that was started and waits for `awaited`."""
    return await _steps(started, awaited)


@types.coroutine
def _steps(started: Coroutine[Any, Any, Any], awaited: Any) -> Generator[Any, Any, Any]:
    while True:
        try:
            value = yield awaited
        except BaseException as error:  # noqa: BLE001  the coroutine handles it, cancellation too
            step = partial(started.throw, error)
        else:
            step = partial(started.send, value)
        try:
            awaited = step()
        except StopIteration as end:
            return end.value
