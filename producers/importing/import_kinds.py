"""Kinds of records that can be imported: their views, contents, ids, and facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from producers import facts
from roost import ids
from roost.events.common import Place
from roost.events.envelope import Record
from roost.events.opening import Opening, OpeningContent
from roost.events.profile import Profile, ProfileContent
from roost.events.station import Station, StationContent
from roost.rules.profile_fields import Writer, decide_fields

StoredFact = Mapping[str, Any] | None
"""Fact of an entity as it is stored; None for a new entity."""


@dataclass(frozen=True, slots=True)
class When:
    """Time of an import, and its day in the county."""

    at: datetime
    today: date


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of entity that can be imported: its view, its content, and how it becomes a record."""

    view: str
    content: type[BaseModel]
    id_of: Callable[[Any, str], str]
    """From content and source to the id. Raises Invalid."""
    put: Callable[[Any, str, When, str, StoredFact], tuple[Any, Record]]
    """From content, id, time, source and the stored fact to the fact and its record."""
    text: str = "description"
    """Field that takes words for which no field exists; "" for none."""
    places: tuple[str, ...] = ()
    """Fields that hold a place."""
    required: tuple[str, ...] = ()
    """Fields without which a row is never valid, as rules name them."""


def _opening(
    content: OpeningContent, id: str, when: When, source: str, stored: StoredFact
) -> tuple[Opening, Record]:
    """Edit a stored opening, or post a new one; an unlawful demand of its text waits for review.

    The checks that follow refuse an opening of a form that this release cannot read.
    """
    before = facts.readable_opening(stored)
    return facts.opening_posted(
        content,
        at=when.at,
        today=when.today,
        source=source,
        id=id,
        stored=before,
        for_review=True,
    )


def _profile(
    content: ProfileContent, id: str, when: When, source: str, stored: StoredFact
) -> tuple[Profile, Record]:
    """Register a worker, or edit the stored one, who may have the row's number from now on."""
    if stored is None:
        return facts.profile_put(content, at=when.at, source=source, id=id, writer=Writer.ROSTER)
    before = facts.readable_profile(stored)
    edited = decide_fields(Writer.ROSTER, content, before).content
    numbered = facts.number_assigned(before, source, content.identifier or "")
    return facts.profile_put(edited, at=when.at, stored=numbered, writer=Writer.ROSTER)


def _station(
    content: StationContent, id: str, when: When, source: str, stored: StoredFact
) -> tuple[Station, Record]:
    former = None if stored is None else Place.from_stored(stored["place"])
    return facts.station_put(content, at=when.at, source=source, id=id, former=former)


def _station_id(content: StationContent, source: str) -> str:
    return ids.station_id(content.identifier)


KINDS = {
    "openings": Kind(
        "openings",
        OpeningContent,
        facts.opening_id_of,
        _opening,
        places=("jobLocation",),
        required=("title", "hiringOrganization.name", "jobLocation.name"),
    ),
    "profiles": Kind(
        "profiles",
        ProfileContent,
        facts.worker_id_of,
        _profile,
        text="summary",
        places=("home", "location"),
        required=("identifier", "name", "home.name", "location.name"),
    ),
    "stations": Kind(
        "stations",
        StationContent,
        _station_id,
        _station,
        text="",
        places=("place",),
        required=("identifier", "name", "place.name"),
    ),
}
