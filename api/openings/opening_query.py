"""Filters of the list of openings, as clauses of the view `openings`. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, tzinfo

from api.access.principal import Principal
from api.lists import clauses
from producers import facts
from roost.errors import invalid_field
from roost.events.opening import OpeningStatus
from roost.places.gazetteer import gazetteer
from roost.views.elastic import Json


@dataclass(frozen=True, slots=True)
class OpeningFilter:
    """Conditions of a list of openings; an empty one filters nothing."""

    employer: str | None = None
    status: Sequence[OpeningStatus] | None = None
    place: str | None = None
    """Name or gazetteer key; includes every place within it."""
    occupation: str | None = None
    posted_from: date | None = None
    posted_to: date | None = None
    title: str | None = None
    """Words of the title."""
    awaiting: bool | None = None
    """Selects those that wait for approval, or those that do not."""
    to_be_decided: bool | None = None
    """Selects those on which a decision is due, also on an appeal, or the others."""
    identifier: str | None = None
    """The employer's own reference, as it was posted through the API."""


def opening_clauses(who: Principal, wanted: OpeningFilter, zone: tzinfo) -> list[Json]:
    """Return the clauses of a filter; its days are those of the county's time zone.

    Raises Invalid for an unknown place, a reversed period, and a reference without an employer.
    """
    return [
        *clauses.equal("employer_id", wanted.employer),
        *clauses.one_of("status", wanted.status),
        *clauses.in_place("places", wanted.place, gazetteer()),
        *clauses.equal("occupations", wanted.occupation),
        *clauses.on_days(
            "created_at", wanted.posted_from, wanted.posted_to, zone, ("postedFrom", "postedTo")
        ),
        *clauses.containing("title", wanted.title),
        *marked_clauses("awaiting", wanted.awaiting),
        *marked_clauses("to_be_decided", wanted.to_be_decided),
        *_by_reference(who, wanted),
    ]


def marked_clauses(field: str, wanted: bool | None) -> list[Json]:
    """Return the clause of a filter by a mark, which the view holds only where it is true."""
    if wanted is None:
        return []
    marked: Json = {"term": {field: True}}
    return [marked] if wanted else [{"bool": {"must_not": [marked]}}]


def _by_reference(who: Principal, wanted: OpeningFilter) -> list[Json]:
    """Return the filter by an employer's own reference, from which the id is derived.

    Raises Invalid if no employer is known: every employer has its own references.
    """
    if wanted.identifier is None:
        return []
    employer = wanted.employer or who.employer_id
    if employer is None:
        raise invalid_field(
            "employer",
            "is missing; an identifier is one employer's own reference, so name the employer",
            "缺失；编号由各用工单位自行编定，请指明用工单位",
        )
    return clauses.equal("id", facts.referenced_opening(employer, wanted.identifier))
