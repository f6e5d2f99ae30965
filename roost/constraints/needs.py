"""What an opening asks for, in the terms that decide.

Days are ordinals (1 = 0001-01-01), wages amounts a month.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from roost.constraints import licences
from roost.events.common import Place
from roost.events.opening import OpeningContent
from roost.law.attributes import without_attributes
from roost.places.gazetteer import AmbiguousPlace, Gazetteer, UnknownPlace

LATER = 9_999_999
"""An ordinal after every day: no last day, no start."""
ANY_CURRENCY = "any"
NEAR_HOME_KM = 30.0
"""Near home: within the home place, or this far from it."""
COMMUTE_KM = 30.0
"""Up to here nobody needs lodging."""
Point = tuple[float, float]


class Asking(Protocol):
    """An opening as far as it decides who may be proposed to it."""

    @property
    def places(self) -> Sequence[str]: ...
    @property
    def point(self) -> Point | None: ...
    @property
    def currency(self) -> str: ...
    @property
    def wage_high(self) -> float | None: ...
    @property
    def starts_by(self) -> int: ...
    @property
    def licences(self) -> Sequence[str]: ...
    @property
    def shifts(self) -> Sequence[str]: ...
    @property
    def lodging(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Needs:
    places: Sequence[str]
    """Gazetteer keys: its own, and what holds it; last the country."""
    point: Point | None
    currency: str
    wage_low: float | None
    wage_high: float | None
    starts_by: int
    licences: Sequence[str]
    shifts: Sequence[str]
    lodging: bool


def needs_of(opening: OpeningContent, gazetteer: Gazetteer) -> Needs:
    wage = opening.base_salary
    monthly = wage.per_month() if wage else None
    places, point = locate(opening.job_location, gazetteer)
    starts = opening.job_start_date or opening.valid_through
    return Needs(
        places=places,
        point=point,
        currency=wage.currency if wage else ANY_CURRENCY,
        wage_low=monthly[0] if monthly else None,
        wage_high=monthly[1] if monthly else None,
        starts_by=starts.toordinal() if starts else LATER,
        licences=licences.asked(lawful(opening.licences_required)),
        shifts=[shift.value for shift in opening.shifts],
        lodging=opening.lodging,
    )


def begins(opening: Asking, today: date) -> int:
    """Work that has begun and is still open begins, for whoever comes now, today."""
    return max(opening.starts_by, today.toordinal())


def locate(place: Place, gazetteer: Gazetteer) -> tuple[list[str], Point | None]:
    """(its key and what holds it, its point); ([], None) for a place that nobody knows."""
    key = place.key
    if key is None or key not in gazetteer:
        try:
            key = gazetteer.find(place.name).key
        except (UnknownPlace, AmbiguousPlace):
            key = None
    known = gazetteer.coordinates(key) if key else None
    if place.latitude is not None and place.longitude is not None:
        known = (place.latitude, place.longitude)
    return list(gazetteer.ancestors(key)) if key else [], known


def lawful(texts: Iterable[str]) -> list[str]:
    """The texts without what may not decide; one that says nothing else is left out."""
    return [kept for kept in map(without_attributes, texts) if kept]


def country(places: object) -> str:
    """The outermost of a line of places; `?` for an unknown one."""
    return places[-1] if isinstance(places, list | tuple) and places else "?"
