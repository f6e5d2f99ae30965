"""Requirements of an opening and of a worker, in normalised values.

Days are ordinals (1 = 0001-01-01); wages are amounts a month in the opening's currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Protocol

from roost.constraints import licences
from roost.events.common import Place
from roost.events.opening import Opening, OpeningContent, OpeningStatus
from roost.events.profile import Profile
from roost.law.attributes import without_attributes
from roost.places.gazetteer import Gazetteer
from roost.places.place_search import AmbiguousPlace, UnknownPlace, find_place

LATER = 9_999_999
"""Ordinal after every real day: the opening has no last day or no start."""
ANY_CURRENCY = "any"
NEAR_HOME_KM = 30.0
"""Distance from the home place, in kilometres, that still counts as near home."""
COMMUTE_KM = 30.0
"""Distance in kilometres up to which no worker needs lodging."""
Point = tuple[float, float]


class Asking(Protocol):
    """Fields of an opening that decide which workers can be proposed."""

    @property
    def places(self) -> Sequence[str]:
        """Gazetteer keys: its own and those of the places that contain it, country last."""
        ...

    @property
    def point(self) -> Point | None:
        """Latitude and longitude in degrees."""
        ...

    @property
    def currency(self) -> str:
        """ISO 4217 code, or `ANY_CURRENCY` without a wage."""
        ...

    @property
    def wage_high(self) -> float | None:
        """Highest wage a month."""
        ...

    @property
    def starts_by(self) -> int:
        """Ordinal of the start, or `LATER`."""
        ...

    @property
    def licences(self) -> Sequence[str]:
        """Normal names of the required licences."""
        ...

    @property
    def shifts(self) -> Sequence[str]:
        """Values of `Shift`."""
        ...

    @property
    def lodging(self) -> bool:
        """Whether lodging is provided."""
        ...


class Offering(Asking, Protocol):
    """Fields of a stored opening that decide a pair: its requirements and whether it is open."""

    @property
    def active(self) -> bool:
        """Whether it is open and approved."""
        ...

    @property
    def paused(self) -> bool:
        """Whether it is paused."""
        ...

    @property
    def last_day(self) -> int:
        """Ordinal of its last day, or `LATER`."""
        ...


class Seeking(Protocol):
    """Fields of a worker that decide which openings can be proposed."""

    @property
    def active(self) -> bool:
        """Whether the worker is looking for work."""
        ...

    @property
    def licences(self) -> Sequence[str]:
        """Normal names of the licences held."""
        ...

    @property
    def currency(self) -> str:
        """ISO 4217 code, or `ANY_CURRENCY` without a wanted wage."""
        ...

    @property
    def wage_floor(self) -> float:
        """Lowest wage a month."""
        ...

    @property
    def places(self) -> Sequence[str]:
        """Gazetteer keys of the current residence and the places that contain it."""
        ...

    @property
    def point(self) -> Point | None:
        """Latitude and longitude of the residence in degrees."""
        ...

    @property
    def home(self) -> Sequence[str]:
        """Gazetteer keys of the home and the places that contain it."""
        ...

    @property
    def home_point(self) -> Point | None:
        """Latitude and longitude of the home in degrees."""
        ...

    @property
    def willing(self) -> Sequence[str]:
        """Gazetteer keys of the chosen places of work."""
        ...

    @property
    def radius_km(self) -> float | None:
        """Accepted distance from the residence, in kilometres."""
        ...

    @property
    def near_home_only(self) -> bool:
        """Whether only work near home is accepted."""
        ...

    @property
    def available_from(self) -> int:
        """Ordinal of the first possible day; 0 for any."""
        ...

    @property
    def shifts(self) -> Sequence[str]:
        """Values of `Shift`."""
        ...

    @property
    def needs_lodging(self) -> bool:
        """Whether lodging is needed away from the residence."""
        ...


@dataclass(frozen=True, slots=True)
class Needs:
    """Requirements of an opening; implements `Asking`."""

    places: Sequence[str]
    """Gazetteer keys: its own and those of the places that contain it, country last."""
    point: Point | None
    currency: str
    wage_low: float | None
    wage_high: float | None
    starts_by: int
    licences: Sequence[str]
    shifts: Sequence[str]
    lodging: bool


@dataclass(frozen=True, slots=True)
class StoredNeeds(Needs):
    """Requirements of a stored opening and whether it is open; implements `Offering`."""

    active: bool
    paused: bool
    last_day: int


@dataclass(frozen=True, slots=True)
class Wants:
    """Requirements of a worker; implements `Seeking`."""

    active: bool
    licences: Sequence[str]
    currency: str
    wage_floor: float
    places: Sequence[str]
    point: Point | None
    home: Sequence[str]
    home_point: Point | None
    willing: Sequence[str]
    radius_km: float | None
    near_home_only: bool
    available_from: int
    shifts: Sequence[str]
    needs_lodging: bool


def wants_of(profile: Profile, gazetteer: Gazetteer) -> Wants:
    """Return the requirements of a worker."""
    wage = profile.wage_wanted
    monthly = wage.per_month() if wage else None
    places, point = locate(profile.location, gazetteer)
    home, home_point = locate(profile.home, gazetteer)
    begin = profile.available_from
    return Wants(
        active=profile.can_be_matched,
        licences=licences.held_names(lawful(profile.licences)),
        currency=wage.currency if wage else ANY_CURRENCY,
        wage_floor=monthly[0] if monthly else 0.0,
        places=places,
        point=point,
        home=home,
        home_point=home_point,
        willing=list(profile.willing.places),
        radius_km=profile.willing.radius_km,
        near_home_only=profile.willing.near_home_only,
        available_from=begin.toordinal() if begin else 0,
        shifts=[shift.value for shift in profile.shifts],
        needs_lodging=profile.needs_lodging,
    )


def needs_of(opening: OpeningContent, gazetteer: Gazetteer) -> Needs:
    """Return the requirements of an opening."""
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
        licences=licences.required_names(lawful(opening.licences_required)),
        shifts=[shift.value for shift in opening.shifts],
        lodging=opening.lodging,
    )


def stored_needs_of(opening: Opening, gazetteer: Gazetteer) -> StoredNeeds:
    """Return the requirements of a stored opening, and whether it is open."""
    needs = needs_of(opening, gazetteer)
    return StoredNeeds(
        **{each.name: getattr(needs, each.name) for each in fields(needs)},
        active=opening.status is OpeningStatus.OPEN and not opening.waits_for_approval,
        paused=opening.status is OpeningStatus.PAUSED,
        last_day=opening.valid_through.toordinal() if opening.valid_through else LATER,
    )


def begins(opening: Asking, today: date) -> int:
    """Return the ordinal of the first working day: the start, or today if that has passed."""
    return max(opening.starts_by, today.toordinal())


def locate(place: Place, gazetteer: Gazetteer) -> tuple[list[str], Point | None]:
    """Return a place's key with those that contain it, and its point; ([], None) if unknown."""
    key = place.key
    if key is None or key not in gazetteer:
        try:
            key = find_place(place.name).key
        except (UnknownPlace, AmbiguousPlace):
            key = None
    stored = stored_point(place)
    if key is None:
        return [], stored
    return list(gazetteer.ancestors(key)), gazetteer.best_point(key, stored)[0]


def stored_point(place: Place) -> Point | None:
    """Return the point of a place as stored, in degrees; None without coordinates."""
    if place.latitude is None or place.longitude is None:
        return None
    return place.latitude, place.longitude


def lawful(texts: Iterable[str]) -> list[str]:
    """Return the texts without protected attributes; texts that become empty are left out."""
    return [kept for kept in map(without_attributes, texts) if kept]


def country(places: object) -> str:
    """Return the outermost of a line of places; `?` for an unknown place."""
    return places[-1] if isinstance(places, list | tuple) and places else "?"
