"""Reads of single documents that arrive while another read is in flight, sent in one request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from copy import deepcopy

from roost.views.answers import Json

Key = tuple[str, str]
"""View and id of a document."""
ReadDocuments = Callable[[Sequence[Key]], Awaitable[dict[Key, Json]]]
Waiting = dict[Key, list[asyncio.Future[Json | None]]]
MOST = 200
"""Maximum number of documents in one request."""


class GatheredReads:
    """Reads documents of each view, one request at a time; what arrives meanwhile waits for it.

    A request costs the client more than the document does. Under load a request therefore carries
    many documents; without load a read is sent at once. Views are read separately, so that one
    that cannot be read delays no other.
    """

    def __init__(self, read_documents: ReadDocuments) -> None:
        self._read_documents = read_documents
        self._waiting: dict[str, Waiting] = {}
        self._reading: dict[str, asyncio.Task[None]] = {}

    async def get(self, view: str, id: str) -> Json | None:
        """Return the current document, or None; raises as `read_documents` does."""
        result: asyncio.Future[Json | None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(view, {}).setdefault((view, id), []).append(result)
        if view not in self._reading or self._reading[view].done():
            # An empty context: the request belongs to all its readers, not to the first.
            self._reading[view] = asyncio.create_task(self._read(view), context=Context())
        return await result

    async def _read(self, view: str) -> None:
        """Send requests until no read of the view waits."""
        waiting = self._waiting[view]
        while waiting:
            batch = {key: waiting.pop(key) for key in list(waiting)[:MOST]}
            request = asyncio.ensure_future(self._read_documents(list(batch)))
            await asyncio.wait([request])
            error = request.exception()
            if error is not None:
                _settle_failed(batch, error)
            else:
                _settle(batch, request.result())


def _settle(batch: Waiting, found: dict[Key, Json]) -> None:
    """Give every reader its own copy of the document."""
    for key, results in batch.items():
        document = found.get(key)
        first, *others = results
        for result in others:
            if not result.done():
                result.set_result(deepcopy(document))
        if not first.done():
            first.set_result(document)


def _settle_failed(batch: Waiting, error: BaseException) -> None:
    for result in (each for results in batch.values() for each in results):
        if not result.done():
            result.set_exception(error)
