"""Requests and responses of saved searches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field

from roost.events.common import Line, Model, OpeningId
from roost.events.saved_search import (
    LONGEST_NAME,
    SavedSearch,
    SearchConditions,
    SearchNotice,
)

Name = Annotated[Line, Field(max_length=LONGEST_NAME)]


class SavedSearchContent(SearchConditions):
    """Conditions of a search, of which at least one is stated, and the way to announce openings."""

    name: Name | None = Field(None, description="by default the conditions in words")
    place: Line | None = Field(
        None, description="name or key of a place of work; includes every place within it"
    )
    occupation: Line | None = Field(
        None, description="name or key of an occupation, e.g. `zh:6-29-01-01`"
    )
    notice: SearchNotice = SearchNotice.AT_ONCE
    paused: bool = False


class SavedSearchChanges(Model):
    """Changes of a search that keep its conditions; an absent field stays as it is."""

    name: Name | None = None
    notice: SearchNotice | None = None
    paused: bool | None = None


class SavedSearchAnswer(SavedSearch):
    """A saved search with its conditions in words."""

    conditions: Sequence[str] = Field(description="each condition in the caller's language")
    place_name: str | None = None
    version: int


class SavedSearchList(Model):
    """All saved searches of a worker, the oldest first."""

    items: Sequence[SavedSearchAnswer]
    most: int = Field(description="most searches that a worker may have")


class FoundOpening(Model):
    """An opening that a search finds."""

    id: OpeningId
    title: str
    employer: str
    place: str
    posted_at: datetime
    is_new: bool = Field(description="posted since the search counts new openings")


class FoundOpenings(Model):
    """The newest openings that a search finds."""

    items: Sequence[FoundOpening]
    total: int = Field(description="number of all that it finds; at most 10,000")
