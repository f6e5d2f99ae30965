"""Wait for the turn to import, and for the views to show what the process before has written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from producers.importing.import_turn import (
    POLL_S,
    READABLE_WITHIN_S,
    ImportTurn,
    are_shown,
    not_shown_yet,
)
from roost.views.elastic import Elastic

VERSION = ("version",)


@asynccontextmanager
async def held_turn(turn: ImportTurn, elastic: Elastic) -> AsyncIterator[None]:
    """Hold the turn among all processes of the data folder. Raises Transient.

    A cancelled holder keeps it: its thread may still write, and the process is about to exit, which
    releases the turn.
    """
    await _take(turn)
    try:
        await _until_shown(turn, elastic)
        yield
    except asyncio.CancelledError:
        raise
    except BaseException:
        turn.release()
        raise
    turn.release()


async def _take(turn: ImportTurn) -> None:
    while True:
        if await asyncio.to_thread(turn.take):
            return
        await asyncio.sleep(POLL_S)


async def _until_shown(turn: ImportTurn, elastic: Elastic) -> None:
    """Return once the views show the writes of the holders before."""
    writes = turn.earlier_writes()
    deadline = asyncio.get_running_loop().time() + READABLE_WITHIN_S
    while writes and not are_shown(writes, await elastic.mget(list(writes), VERSION)):
        if asyncio.get_running_loop().time() > deadline:
            raise not_shown_yet()
        await asyncio.sleep(POLL_S)
