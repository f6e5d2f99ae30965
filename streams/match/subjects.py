"""The entities that a batch of the match stage is about, and the search for their matches."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from matcher.features import OpeningFeatures, WorkerFeatures
from roost.events.searchable import EntityKind, Searchable
from roost.topics import MATCHES
from roost.views.elastic import COLUMNS, Json

EXISTING_PAGE_SIZE = 5_000
"""Existing matches read per page, and the most workers in a record of proposals."""


@dataclass(frozen=True, slots=True)
class Subject:
    """An entity that has become searchable; its features are None if it cannot be matched."""

    event: Searchable
    features: OpeningFeatures | WorkerFeatures | None
    erased: bool = False
    """True for a worker whose data was erased."""


def keep_newest(events: Sequence[Searchable]) -> list[Searchable]:
    """Return one event per entity, that of its newest version.

    The last event is not always the newest: a request to match an older version again can follow
    the newer version's event, and would be skipped.
    """
    newest: dict[str, Searchable] = {}
    for event in events:
        if event.id not in newest or event.version >= newest[event.id].version:
            newest[event.id] = event
    return list(newest.values())


def is_worker(event: Searchable) -> bool:
    return event.kind is EntityKind.PROFILE


def to_be_matched(features: OpeningFeatures | WorkerFeatures | None, today: date) -> bool:
    """Return whether a search can find candidates; otherwise only existing matches are judged."""
    if isinstance(features, OpeningFeatures) and features.last_day < today.toordinal():
        return False
    return features is not None and features.active


def by_side(subjects: Sequence[Subject]) -> list[tuple[str, dict[str, Subject]]]:
    """Group subjects by the field that holds their ids in a match, and by id."""
    sides: dict[str, dict[str, Subject]] = {}
    for each in subjects:
        field = "worker_id" if is_worker(each.event) else "opening_id"
        sides.setdefault(field, {})[each.event.id] = each
    return list(sides.items())


def existing_search(field: str, ids: Collection[str]) -> tuple[str, Json]:
    """Return the search for every match of these entities: no pair is proposed a second time."""
    return MATCHES.name, {
        **COLUMNS,
        "size": EXISTING_PAGE_SIZE,
        "docvalue_fields": ["id", "opening_id", "worker_id", "state", "proposed_at"],
        "track_total_hits": False,
        "query": {"bool": {"filter": [{"terms": {field: list(ids)}}]}},
        "sort": [{"id": "asc"}],
    }
