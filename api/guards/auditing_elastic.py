"""Recording of those whose data a request reads, at the one place where documents are read.

The API reads documents in three ways only (`get`, `mget`, `msearch`); each records the workers
concerned, and the employers whose contact is read, so no endpoint can forget to. Counts and sums of
documents identify nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from roost import ids
from roost.views.elastic import Elastic, Json, Page

_WORKERS: ContextVar[set[str] | None] = ContextVar("workers", default=None)
OF_WORKERS = {"profiles", "preferences", "stops"}
"""Views whose documents are a worker's own, under the worker's id; an employer may have a stop."""


@contextmanager
def collect_workers() -> Iterator[set[str]]:
    """Collect the ids of the workers, and of the employers' contacts, read inside the block."""
    workers: set[str] = set()
    token = _WORKERS.set(workers)
    try:
        yield workers
    finally:
        _WORKERS.reset(token)


def record_workers(ids: Iterable[str]) -> None:
    """Record that the current request reads the data of these workers or employers."""
    workers = _WORKERS.get()
    if workers is not None:
        workers.update(ids)


class AuditingElastic(Elastic):
    """Elasticsearch client of the API, which records whose data is read."""

    async def get(self, view: str, id: str) -> Json | None:
        document = await super().get(view, id)
        if document is not None:
            record_workers(workers_in(view, id, document))
        return document

    async def mget(
        self, keys: Sequence[tuple[str, str]], fields: Sequence[str] | None = None
    ) -> dict[tuple[str, str], Json]:
        found = await super().mget(keys, fields)
        for (view, id), document in found.items():
            record_workers(workers_in(view, id, document))
        return found

    async def msearch(self, searches: Sequence[tuple[str, Json]]) -> list[Page]:
        pages = await super().msearch(searches)
        for (view, _), page in zip(searches, pages, strict=True):
            for hit in page.hits:
                record_workers(workers_in(view, hit.id, hit.source))
        return pages


def workers_in(view: str, id: str, document: Json) -> Iterable[str]:
    """Return the workers whom a document of a view concerns; of a contact, the employer's key."""
    view = view.split("-")[0]
    if view == "employers":
        return (id,)
    if view in OF_WORKERS:
        return _worker_ids((id,))
    if view == "matches":
        try:
            return (ids.split_match_id(id)[1],)
        except ValueError:
            return ()
    if view in {"notifications", "deliveries"}:
        return _worker_ids([document.get("recipient_id"), _recipient(document.get("fact"))])
    if view in {"conversations", "notes", "saved-searches"}:
        fact = document.get("fact") or {}
        return _worker_ids([document.get("worker_id"), fact.get("workerId")])
    if view == "notices":
        return _worker_ids(document.get("worker_ids") or ())
    return ()


def _recipient(fact: Any) -> Any:
    """Return the recipient of a notification, or of the notification in a delivery."""
    fact = fact or {}
    notification = fact.get("notification") or fact
    return (notification.get("recipient") or {}).get("id")


def _worker_ids(values: Iterable[Any]) -> Iterable[str]:
    return [each for each in values if isinstance(each, str) and each.startswith("w-")]
