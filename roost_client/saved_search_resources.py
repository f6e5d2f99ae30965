"""Saved searches of workers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from roost_client.resource_models import Accepted, FoundOpening, SavedSearch
from roost_client.resources import Content, Read, accepted, plain, read_of
from roost_client.sending import Sender


class SavedSearches:
    """Saved searches of one worker (`w-…`)."""

    def __init__(self, sender: Sender, worker: str) -> None:
        self._sender = sender
        self._path = f"/v1/profiles/{worker}/saved-searches"

    def list(self) -> Iterator[Read[SavedSearch]]:
        """Yield all searches, the oldest first."""
        for each in self._sender.send("GET", self._path).json()["items"]:
            yield read_of(SavedSearch, each)

    def get(self, id: str) -> Read[SavedSearch]:
        """Return one search. Raises NotFound."""
        answer = self._sender.send("GET", _path(id))
        return read_of(SavedSearch, answer.json(), answer.headers.get("etag"))

    def save(self, content: Content, *, key: str | None = None, wait_s: float = 0) -> Accepted:
        """Save a search with at least one condition; the worker is notified of new openings."""
        return accepted(
            self._sender.send("POST", self._path, json=plain(content), key=key, wait_s=wait_s)
        )

    def change(self, of: Read[SavedSearch], *, wait_s: float = 0, **changes: Any) -> Accepted:
        """Set `name`, `notice` or `paused`. Raises Outdated if it has changed since it was read."""
        path = _path(str(of.value.id))
        return accepted(self._sender.send("PATCH", path, json=changes, tag=of.tag, wait_s=wait_s))

    def remove(self, id: str, *, wait_s: float = 0) -> Accepted:
        """Erase a search."""
        return accepted(self._sender.send("DELETE", _path(id), wait_s=wait_s))

    def openings(self, id: str, *, limit: int = 20) -> Iterator[FoundOpening]:
        """Yield the newest openings that a search finds now."""
        path = f"{_path(id)}/openings"
        for each in self._sender.send("GET", path, params={"limit": limit}).json()["items"]:
            yield FoundOpening.model_validate(each)


def _path(id: str) -> str:
    return f"/v1/saved-searches/{id}"
