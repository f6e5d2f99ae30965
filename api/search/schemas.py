"""Answers of the search for workers, employers and openings."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from pydantic import Field

from roost.events.common import Model, OpeningId, WorkerId
from roost.events.opening import OpeningStatus
from roost.events.profile import ProfileStatus
from roost.text.search_terms import FoundBy


class Kind(StrEnum):
    """Kind of an entry that is searched for."""

    WORKERS = "workers"
    EMPLOYERS = "employers"
    OPENINGS = "openings"


MOST_TYPED = 100
"""Most characters of a typed text."""


class SearchRequest(Model):
    """Text to search for, and the kinds of entries to find."""

    q: str = Field(
        min_length=1,
        max_length=MOST_TYPED,
        description="name or title or a part of one, in characters, pinyin or its initials; "
        "telephone number or at least four digits of one; number or reference, or the beginning "
        "of one",
    )
    kinds: Sequence[Kind] | None = Field(
        None, max_length=3, description="only these kinds; all if left out"
    )
    limit: int = Field(10, ge=1, le=50, description="entries of each kind")


MORE = Field(description="whether more entries were found than the answer holds")


class FoundWorker(Model):
    """Worker whom a search found."""

    id: WorkerId
    name: str
    identifier: str | None = Field(None, description="number in the roster it comes from")
    home: str = Field(description="home township")
    location: str = Field(description="current residence")
    status: ProfileStatus
    found_by: FoundBy


class FoundEmployer(Model):
    """Employer whom a search found, by the openings that the caller may read."""

    id: str
    name: str = Field(description="as in the opening that was found best, the newest of several")
    found_by: FoundBy


class FoundOpening(Model):
    """Opening that a search found."""

    id: OpeningId
    title: str
    employer_id: str
    employer: str = Field(description="the employer's name")
    place: str
    status: OpeningStatus
    of_employer: bool = Field(description="whether the employer's name was found, not the title")
    found_by: FoundBy


class FoundWorkers(Model):
    """Workers whom a search found, best first."""

    items: Sequence[FoundWorker]
    more: bool = MORE


class FoundEmployers(Model):
    """Employers whom a search found, best first."""

    items: Sequence[FoundEmployer]
    more: bool = MORE


class FoundOpenings(Model):
    """Openings that a search found, best first."""

    items: Sequence[FoundOpening]
    more: bool = MORE


class SearchAnswer(Model):
    """Entries that a search found; a kind that was not searched for is null."""

    workers: FoundWorkers | None = None
    employers: FoundEmployers | None = None
    openings: FoundOpenings | None = None
