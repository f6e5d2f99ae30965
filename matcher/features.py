"""What an opening or a profile says, in the terms that decide; computed once, at indexing.

Features go into the views and come back from them as plain JSON (`as_dict`, `from_dict`).
Days are ordinals (1 = 0001-01-01), wages amounts a month, distances kilometres.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, TypeVar

from matcher.similarity import SimilarityModel
from matcher.text import normal_skill, tokens
from roost.events.common import Place, Wage
from roost.events.opening import Opening, OpeningStatus
from roost.events.profile import Profile
from roost.places import AmbiguousPlace, Gazetteer, UnknownPlace

LATER = 9_999_999
"""An ordinal after every day: no last day, no start."""
ANY_CURRENCY = "any"
Point = tuple[float, float]
F = TypeVar("F", bound="_Features")


@dataclass(frozen=True, slots=True)
class _Features:
    id: str
    version: int
    active: bool
    vector: str
    """The similarity model's vector in hexadecimal; empty when it knows none of the words."""

    def as_dict(self) -> dict[str, Any]:
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @classmethod
    def from_dict(cls: type[F], stored: dict[str, Any]) -> F:
        return cls(**stored)


@dataclass(frozen=True, slots=True)
class OpeningFeatures(_Features):
    title: dict[str, float]
    """Weight of each token, a unit vector."""
    title_words: str
    skills: Sequence[str]
    preferred_skills: Sequence[str]
    licences: Sequence[str]
    currency: str
    wage_low: float | None
    wage_high: float | None
    places: Sequence[str]
    """Gazetteer keys: its own, and what holds it; last the country."""
    point: Point | None
    starts_by: int
    last_day: int
    shifts: Sequence[str]
    lodging: bool
    meals: bool
    experience: float
    education: int
    workplace: str
    headcount: int


@dataclass(frozen=True, slots=True)
class WorkerFeatures(_Features):
    wanted: Sequence[dict[str, float]]
    """For each occupation wanted the weight of each token, a unit vector."""
    wanted_words: Sequence[str]
    skills: Sequence[str]
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
    experience: float
    education: int
    boost: bool
    """A registered household that consents to priority; the word is never shown to employers."""


def of_opening(
    opening: Opening, version: int, vector: str, model: SimilarityModel, gazetteer: Gazetteer
) -> OpeningFeatures:
    wage = opening.base_salary
    monthly = wage.per_month() if wage else None
    places, point = locate(opening.job_location, gazetteer)
    starts = opening.job_start_date or opening.valid_through
    return OpeningFeatures(
        id=opening.id,
        version=version,
        active=opening.status is OpeningStatus.OPEN,
        vector=vector,
        title=weighed(opening.title, model),
        title_words=opening.title,
        skills=_skills(opening.skills),
        preferred_skills=_skills(opening.preferred_skills),
        licences=_skills(opening.licences_required),
        currency=wage.currency if wage and monthly else ANY_CURRENCY,
        wage_low=monthly[0] if monthly else None,
        wage_high=monthly[1] if monthly else None,
        places=places,
        point=point,
        starts_by=starts.toordinal() if starts else LATER,
        last_day=opening.valid_through.toordinal() if opening.valid_through else LATER,
        shifts=[shift.value for shift in opening.shifts],
        lodging=opening.lodging,
        meals=opening.meals,
        experience=opening.experience_requirements,
        education=opening.education_requirements.order,
        workplace=opening.workplace.value,
        headcount=opening.total_job_openings,
    )


def of_worker(
    profile: Profile, version: int, vector: str, model: SimilarityModel, gazetteer: Gazetteer
) -> WorkerFeatures:
    places, point = locate(profile.location, gazetteer)
    home, home_point = locate(profile.home, gazetteer)
    floor, currency = _wage_floor(profile.wage_wanted)
    return WorkerFeatures(
        id=profile.id,
        version=version,
        active=profile.can_be_matched,
        vector=vector,
        wanted=[weighed(each, model) for each in profile.occupations_wanted],
        wanted_words=list(profile.occupations_wanted),
        skills=_skills(profile.skills),
        licences=_skills(profile.licences),
        currency=currency,
        wage_floor=floor,
        places=places,
        point=point,
        home=home,
        home_point=home_point,
        willing=list(profile.willing.places),
        radius_km=profile.willing.radius_km,
        near_home_only=profile.willing.near_home_only,
        available_from=_ordinal(profile.available_from, 0),
        shifts=[shift.value for shift in profile.shifts],
        needs_lodging=profile.needs_lodging,
        experience=profile.experience_years,
        education=profile.education.order,
        boost=profile.boost_consented,
    )


def opening_text(opening: Opening) -> str:
    """What the vector of an opening is made of."""
    return " ".join((opening.title, opening.occupational_category or "", *opening.skills))


def worker_text(profile: Profile) -> str:
    """What the vector of a profile is made of: what they want, else what they can."""
    return " ".join(profile.occupations_wanted or profile.skills or (profile.summary,))


def weighed(text: str, model: SimilarityModel) -> dict[str, float]:
    """The tokens of a text with their weights by IDF, a unit vector, rounded to be the same."""
    weights = {token: model.idf(token) for token in tokens(text)}
    length = sum(weight * weight for weight in weights.values()) ** 0.5
    return {token: round(weight / length, 4) for token, weight in weights.items()}


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


def _skills(skills: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, map(normal_skill, skills))))


def _wage_floor(wage: Wage | None) -> tuple[float, str]:
    monthly = wage.per_month() if wage else None
    return (monthly[0], wage.currency) if wage and monthly else (0.0, ANY_CURRENCY)


def _ordinal(day: date | None, otherwise: int) -> int:
    return day.toordinal() if day else otherwise
