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
    name: str = Field(description="as the newest of these openings states it")
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
