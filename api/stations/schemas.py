"""Answers of the endpoints of stations: counts of a queue, and colleagues."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from api.lists.answer_schemas import Documents, FactAnswer, PageOf
from api.lists.paging import Listing
from roost.events.account import AccountRole
from roost.events.common import Model
from roost.events.match import MatchState
from roost.events.station import Station


class Facet(Model):
    """Number of matches that share a place, an occupation or a holder."""

    key: str
    name: str
    count: int


class Counts(Model):
    """Counts of a queue within its filters: `by_state` of all matches, the rest of active ones."""

    total: int
    by_state: dict[MatchState, int]
    overdue: int
    soon: int
    mine: int
    unassigned: int
    accepted: int
    priority: int
    oldest: datetime | None = Field(description="when the oldest was proposed")
    townships: list[Facet]
    occupations: list[Facet]
    people: list[Facet]

    @classmethod
    def none(cls) -> Counts:
        """Return the counts of an empty queue."""
        kinds = ("total", "overdue", "soon", "mine", "unassigned", "accepted", "priority")
        return cls(
            **dict.fromkeys(kinds, 0),
            by_state=dict.fromkeys(MatchState, 0),
            oldest=None,
            townships=[],
            occupations=[],
            people=[],
        )


class Colleague(Model):
    """An account to which a match of the station can be assigned."""

    id: str
    name: str
    role: AccountRole


class Colleagues(Model):
    """Accounts to which matches of a station can be assigned, by name."""

    items: list[Colleague]


class StationAnswer(Station, FactAnswer):
    """A station of the registry with its version."""


class StationPage(PageOf[StationAnswer]):
    """A page of the registry."""


StationFact = Annotated[dict[str, Any], Documents(StationAnswer)]
StationListing = Annotated[Listing, Documents(StationPage)]
