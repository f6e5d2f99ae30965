"""Coalescing of a batch: of several events of an entity the newest version is matched."""

from __future__ import annotations

from datetime import UTC, datetime

from roost.events.searchable import EntityKind, Searchable
from streams.match.subjects import keep_newest

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def said(id: str, version: int) -> Searchable:
    return Searchable(kind=EntityKind.OPENING, id=id, version=version, posted_at=NOW)


def test_to_be_matched_again_at_an_older_version_does_not_hide_the_newer_one() -> None:
    edited, again, other = said("o-1", 3), said("o-1", 2), said("o-2", 1)
    assert keep_newest([edited, again, other]) == [edited, other]
    assert keep_newest([again, other, edited]) == [edited, other]


def test_of_the_same_version_the_last_counts() -> None:
    first, last = said("o-1", 3), said("o-1", 3).model_copy(update={"posted_at": NOW.max})
    assert keep_newest([first, last]) == [last]
