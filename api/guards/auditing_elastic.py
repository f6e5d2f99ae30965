"""Whose data a request reads: noted where every endpoint reads it, so that none can forget.

The views are asked for documents in two ways only; both tell here which workers the answers are
about. Numbers of documents (counts, sums over a field) show nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from roost import ids
from roost.views.elastic import Elastic, Json, Page

_SEEN: ContextVar[set[str] | None] = ContextVar("seen", default=None)
OF_WORKERS = {"profiles", "preferences", "stops"}
"""Views whose documents are a worker's own, under the worker's id."""


@contextmanager
def collect_workers() -> Iterator[set[str]]:
    """Collects the ids of the workers whose data is read inside."""
    seen: set[str] = set()
    token = _SEEN.set(seen)
    try:
        yield seen
    finally:
        _SEEN.reset(token)


class AuditingElastic(Elastic):
    """The views as the API reads them."""

    async def mget(
        self, keys: Sequence[tuple[str, str]], fields: Sequence[str] | None = None
    ) -> dict[tuple[str, str], Json]:
        found = await super().mget(keys, fields)
        if (seen := _SEEN.get()) is not None:
            for (view, id), document in found.items():
                seen.update(workers_in(view, id, document))
        return found

    async def msearch(self, searches: Sequence[tuple[str, Json]]) -> list[Page]:
        pages = await super().msearch(searches)
        if (seen := _SEEN.get()) is not None:
            for (view, _), page in zip(searches, pages, strict=True):
                for hit in page.hits:
                    seen.update(workers_in(view, hit.id, hit.source))
        return pages


def workers_in(view: str, id: str, document: Json) -> Iterable[str]:
    """The workers whom a document of a view is about."""
    view = view.split("-")[0]
    if view in OF_WORKERS:
        return (id,)
    if view == "matches":
        try:
            return (ids.split_match_id(id)[1],)
        except ValueError:
            return ()
    if view in {"notifications", "deliveries"}:
        return _workers([document.get("recipient_id"), *_recipients(document.get("fact"))])
    if view == "notices":
        return _workers(document.get("worker_ids") or ())
    return ()


def _recipients(fact: Any) -> Iterable[Any]:
    """A notification's, or that of the one that a delivery is of."""
    fact = fact or {}
    told = fact.get("notification") or fact
    yield (told.get("recipient") or {}).get("id")


def _workers(found: Iterable[Any]) -> Iterable[str]:
    return [each for each in found if isinstance(each, str) and each.startswith("w-")]
