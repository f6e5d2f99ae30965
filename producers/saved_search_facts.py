"""Facts of saved searches."""

from __future__ import annotations

from datetime import datetime

from producers.facts import API
from roost import ids
from roost.events.envelope import Record, record, tombstone
from roost.events.saved_search import SavedSearch
from roost.topics import SAVED_SEARCHES


def search_id(worker_id: str, seed: str) -> str:
    """Return the id of a worker's saved search; a repeat under one seed is one search."""
    return ids.derive("q", "search", worker_id, seed)


def search_saved(search: SavedSearch, *, at: datetime) -> Record:
    """Record a saved search, new or changed."""
    return record(search, search.id, source=API, at=at)


def search_erased(id: str, *, at: datetime) -> Record:
    """Erase a saved search."""
    return tombstone(SAVED_SEARCHES, id, source=API, at=at)
