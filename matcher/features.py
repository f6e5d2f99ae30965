"""Features of openings and profiles, in the terms that decide; computed once, at indexing.

Features go into the views and come back from them as one column (`packed`, `unpacked`). Days are
ordinals (1 = 0001-01-01), wages are amounts a month, distances kilometres.

Every text passes `without_attributes` before it is split, weighed, compared or shown. Sex, age,
ethnicity, religion, hukou, family state and infection enter no feature, in any spelling.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

from matcher.linking import ABILITY, TRADE, Least
from matcher.similarity import SimilarityModel, hexadecimal, mean_vector
from matcher.word_weights import skill_weight, word_weights
from roost import column
from roost.constraints.needs import (
    Needs,
    StoredNeeds,
    Wants,
    lawful,
    stored_needs_of,
    stored_point,
    wants_of,
)
from roost.events.common import Education, Place, Wage
from roost.events.opening import Opening
from roost.events.profile import Profile
from roost.extraction.extracted import Field
from roost.extraction.unstated import unstated_requirements
from roost.law.attributes import without_attributes
from roost.likeness.alike_openings import alike_keys
from roost.places.gazetteer import Gazetteer
from roost.rules.daily_counts import budget_keys
from roost.text.skill_names import one_name
from roost.text.tokens import joined, normal_skill, tokens

MOST_ABILITIES = 12
"""Skills of a worker that are linked to occupations, in the worker's order."""
MOST_COMPARED = 48
"""Skills of a worker that have a vector, in the worker's order."""
MOST_WISHES = 8
"""Wanted occupations that have a vector, in the worker's order."""
MOST_REQUIREMENTS = 24
"""Requirements of an opening that have a vector: skills first, then those that the text states."""
LONGEST_CLAUSE = 80
"""Characters of a clause of a summary that are read."""
MOST_WORDS = 128
"""Words of a worker's skills, or of an opening, that are compared: those that weigh most."""
TEXT_READ = 2_000
"""Characters of a summary or a description that are split into clauses and words."""
_CLAUSE = re.compile(r"[,，、;；。.!！?？:：\n\r\t|/]+")
F = TypeVar("F", bound="_Column")


@dataclass(frozen=True, slots=True)
class _Column:
    """Features as a column of a view."""

    def packed(self) -> str:
        """Return all fields as one string, the column of a view."""
        return column.packed(_fields_of(self))

    @classmethod
    def unpacked(cls: type[F], stored: str) -> F:
        """Restore features from a column of a view."""
        return cls(**column.unpacked(stored))


@dataclass(frozen=True, slots=True)
class OpeningFeatures(_Column, StoredNeeds):
    """Features of an opening, with what it requires."""

    id: str
    version: int
    vector: str
    """The similarity model's vector in hexadecimal; empty for text without a letter."""
    title: dict[str, float]
    """Weight of each token; a unit vector."""
    title_words: str
    skills: Sequence[str]
    preferred_skills: Sequence[str]
    meals: bool
    experience: float
    education: int
    workplace: str
    headcount: int
    levels: Sequence[str] = ()
    """Level of each of `places`: township, county, city, province, country."""
    measured: bool = True
    """True if the point is the place's own, not that of a place that holds it."""
    wage_amounts: Sequence[float] = ()
    """Lowest and highest amount as posted, in `wage_unit`; empty: to be agreed."""
    wage_unit: str = ""
    language: str = ""
    """Language of the posting without its region: `zh`, `en`."""
    occupations: Sequence[str] = ()
    """Keys of the taxonomy's occupations that the title and the category are linked to."""
    employer_id: str = ""
    alike: Sequence[str] = ()
    """Keys that openings of near-identical content share (`roost.likeness.alike_openings`)."""
    title_vector: str = ""
    """The vector of the title alone, in hexadecimal."""
    requirement_vectors: Sequence[str] = ()
    """A vector in hexadecimal of each skill, preferred and read skill, in this order.

    At most 24; "" for a text without a letter.
    """
    title_terms: dict[str, float] = field(default_factory=dict)
    """Weights of the title's words among descriptions of work, a unit vector."""
    terms: dict[str, float] = field(default_factory=dict)
    """The same of the title, the skills and the description, shares of a unit vector."""
    read_skills: Sequence[str] = ()
    """Skills that only the text names; like the other `read_` fields they count less."""
    read_experience: float = 0.0
    read_education: int = 0
    read_shifts: Sequence[str] = ()
    read_lodging: bool = False
    read_meals: bool = False

    @property
    def budgets(self) -> tuple[str, ...]:
        """The keys under which its new matches of a day count: its employer's, and its content's.

        An opening without an employer has none.
        """
        return budget_keys(self.employer_id, self.alike)


@dataclass(frozen=True, slots=True)
class WorkerFeatures(_Column, Wants):
    """Features of a worker's profile, with what the worker requires."""

    id: str
    version: int
    vector: str
    """The similarity model's vector in hexadecimal; empty for text without a letter."""
    wanted: Sequence[dict[str, float]]
    """Weight of each token, a unit vector, for each wanted occupation."""
    wanted_words: Sequence[str]
    skills: Sequence[str]
    experience: float
    education: int
    boost: bool
    """True if a registered household consents to priority; employers never see it."""
    measured: bool = True
    wage_amounts: Sequence[float] = ()
    """The wish as stated by the worker, in `wage_unit`; empty without one."""
    wage_unit: str = ""
    languages: Sequence[str] = ()
    occupations: Sequence[str] = ()
    """Keys of the taxonomy's occupations that the worker wants."""
    abilities: Sequence[str] = ()
    """Keys of the occupations that the worker's skills name: 砌墙 is the work of a 砌筑工."""
    wish_vectors: Sequence[str] = ()
    """A vector in hexadecimal of each wanted occupation, in the order of `wanted_words`.

    At most 8; "" for a text without a letter.
    """
    skill_vectors: Sequence[str] = ()
    """A vector in hexadecimal of each skill, in the order of `skills`; at most 48, "" for none.

    Without skills, of each clause of the summary.
    """
    skill_weights: Sequence[float] = ()
    """Weight of each of `skill_vectors`: less for those that any work may ask for."""
    skill_words: dict[str, float] = field(default_factory=dict)
    """Weights of the words of the same texts, shares of a unit vector."""


def of_opening(
    opening: Opening,
    version: int,
    model: SimilarityModel,
    gazetteer: Gazetteer,
    read: Mapping[str, Any] | None = None,
) -> OpeningFeatures:
    """Compute the features of an opening; `read` is its result of `read_features`, if known."""
    wage, needs = opening.base_salary, stored_needs_of(opening, gazetteer)
    title = without_attributes(opening.title)
    required = _asked(opening.skills)
    read = read_features(opening) if read is None else read
    preferred = _asked(opening.preferred_skills, besides=required)
    texts = [*opening_texts(opening), *read["read_skills"]]
    vector, title_vector, *asked = hexadecimal(model.embed(texts))
    return OpeningFeatures(
        **_fields_of(needs),
        id=opening.id,
        version=version,
        vector=vector,
        title=token_weights(title, model),
        title_words=title,
        skills=required,
        preferred_skills=preferred,
        meals=opening.meals,
        experience=opening.experience_requirements,
        education=opening.education_requirements.order,
        workplace=opening.workplace.value,
        headcount=opening.total_job_openings,
        levels=[gazetteer.level(place) for place in needs.places],
        measured=_measured(opening.job_location, needs.places, gazetteer),
        wage_amounts=_amounts(wage),
        wage_unit=wage.unit_text.value if wage else "",
        language=_language(opening.in_language),
        occupations=linked_occupations(linked_texts(opening), model),
        employer_id=opening.hiring_organization.id,
        alike=alike_keys(opening),
        title_vector=title_vector,
        requirement_vectors=asked[:MOST_REQUIREMENTS],
        title_terms=word_weights([title], MOST_WORDS),
        terms=word_weights(_stated_texts(opening), MOST_WORDS),
        **read,
    )


def _fields_of(values: Needs | Wants | _Column) -> dict[str, Any]:
    return {each.name: getattr(values, each.name) for each in fields(values)}


def read_features(opening: Opening) -> dict[str, Any]:
    """Return the features that only the text of an opening states, by their names."""
    found = [
        each
        for each in unstated_requirements(opening)
        if (each.field, each.source) != (Field.SKILLS, "title")  # the fit compares titles
    ]

    def values(field: Field) -> list[Any]:
        return [each.value for each in found if each.field is field]

    level, required = values(Field.EDUCATION), _asked(opening.skills)
    return {
        "read_skills": _asked([str(each) for each in values(Field.SKILLS)], besides=required),
        "read_experience": float(next(iter(values(Field.EXPERIENCE)), 0.0)),
        "read_education": Education(level[0]).order if level else 0,
        "read_shifts": [] if opening.shifts else values(Field.SHIFTS),
        "read_lodging": bool(values(Field.LODGING)),
        "read_meals": bool(values(Field.MEALS)),
    }


def of_worker(
    profile: Profile, version: int, model: SimilarityModel, gazetteer: Gazetteer
) -> WorkerFeatures:
    """Compute the features of a profile."""
    wanted = lawful(profile.occupations_wanted)
    compared, skills = wanted[:MOST_WISHES], skill_texts(profile)
    vectors = model.embed([*compared, *skills])
    wish_vectors, skill_vectors = vectors[: len(compared)], vectors[len(compared) :]
    weights = [skill_weight(each) for each in skills]
    if wish_vectors.any():
        pooled = mean_vector(wish_vectors)
    else:
        pooled = mean_vector(skill_vectors, weights)
    (vector,) = hexadecimal(pooled[None])
    wage, wants = profile.wage_wanted, wants_of(profile, gazetteer)
    return WorkerFeatures(
        **_fields_of(wants),
        id=profile.id,
        version=version,
        vector=vector,
        wanted=[token_weights(each, model) for each in wanted],
        wanted_words=wanted,
        skills=_skills(profile.skills),
        experience=profile.experience_years,
        education=profile.education.order,
        boost=profile.boost_consented,
        measured=_measured(profile.location, wants.places, gazetteer),
        wage_amounts=_amounts(wage),
        wage_unit=wage.unit_text.value if wage else "",
        languages=sorted({_language(each) for each in profile.languages}),
        occupations=linked_occupations(linked_texts(profile), model),
        abilities=linked_occupations(able_texts(profile), model, ABILITY),
        wish_vectors=hexadecimal(wish_vectors),
        skill_vectors=hexadecimal(skill_vectors),
        skill_weights=weights,
        skill_words=word_weights(skills, MOST_WORDS),
    )


def opening_texts(opening: Opening) -> list[str]:
    """Return the texts of an opening's vectors that its fields state.

    They are all that it is about, the title, and each skill in the order of `OpeningFeatures`.
    """
    title = without_attributes(opening.title)
    about = lawful((opening.title, opening.occupational_category or "", *opening.skills))
    required = _asked(opening.skills)
    return [" ".join(about), title, *required, *_asked(opening.preferred_skills, besides=required)]


def _stated_texts(opening: Opening) -> list[str]:
    """Return the texts of an opening that name the work and what it requires."""
    skills = lawful((opening.title, *opening.skills, *opening.preferred_skills))
    return [*skills, without_attributes(opening.description[:TEXT_READ])]


def _clauses(text: str) -> list[str]:
    """Return the beginning of each clause of a text, each once."""
    clauses = (clause.strip() for clause in _CLAUSE.split(without_attributes(text[:TEXT_READ])))
    return list(dict.fromkeys(each[:LONGEST_CLAUSE] for each in clauses if len(each) > 1))


def worker_texts(profile: Profile) -> list[str]:
    """Return the texts of a profile's vectors: each wanted occupation, then each skill."""
    return [*lawful(profile.occupations_wanted)[:MOST_WISHES], *skill_texts(profile)]


def linked_texts(of: Opening | Profile) -> list[str]:
    """Return the texts that are linked to occupations as trades."""
    if isinstance(of, Opening):
        return lawful((of.title, of.occupational_category or ""))
    return lawful(of.occupations_wanted)


def able_texts(profile: Profile) -> list[str]:
    """Return the skills that are linked to occupations."""
    return lawful(profile.skills)[:MOST_ABILITIES]


def skill_texts(profile: Profile) -> list[str]:
    """Return the skills that are compared with titles; without any, the summary's clauses.

    Skills are in the order of `WorkerFeatures.skills`.
    """
    skills: dict[str, str] = {}
    for each in lawful(profile.skills):
        skills.setdefault(normal_skill(each), each)
    skills.pop("", None)
    if not skills:
        skills = {clause: clause for clause in _clauses(profile.summary)}
    return list(skills.values())[:MOST_COMPARED]


def opening_words(opening: Opening) -> str:
    """Return the tokens that an opening is indexed by."""
    texts = (opening.title, *opening.skills, *opening.preferred_skills)
    return joined(" ".join(lawful((*texts, opening.occupational_category or ""))))


def worker_words(profile: Profile) -> str:
    """Return the tokens that a profile is indexed by."""
    return joined(" ".join(lawful((*profile.occupations_wanted, *profile.skills))))


def linked_occupations(
    texts: Sequence[str], model: SimilarityModel, least: Least = TRADE
) -> list[str]:
    """Return the keys of the occupations that the texts are linked to, each once."""
    keys = [link.occupation.key for links in model.links_of(texts, least) for link in links]
    return list(dict.fromkeys(keys))


def token_weights(text: str, model: SimilarityModel) -> dict[str, float]:
    """Return the IDF weight of each token as a unit vector, rounded so that it is reproducible."""
    weights = {token: model.idf(token) for token in tokens(text)}
    length = sum(weight * weight for weight in weights.values()) ** 0.5
    return {token: round(weight / length, 4) for token, weight in weights.items()}


def _measured(place: Place, places: Sequence[str], gazetteer: Gazetteer) -> bool:
    """Return whether a place has its own point, not one borrowed from a place that holds it."""
    stored = stored_point(place)
    return gazetteer.best_point(places[0], stored)[1] if places else stored is not None


def _skills(skills: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, map(normal_skill, lawful(skills)))))


def _asked(skills: Iterable[str], besides: Iterable[str] = ()) -> list[str]:
    """Return each required skill once, by its first name, without those of `besides`."""
    already = set(map(one_name, besides))
    named: dict[str, str] = {}
    for skill in _skills(skills):
        named.setdefault(one_name(skill), skill)
    return [skill for meant, skill in named.items() if meant not in already]


def _amounts(wage: Wage | None) -> list[float]:
    """Return the stated amounts, each once, lowest first."""
    stated = (wage.min_value, wage.max_value) if wage else ()
    return sorted({amount for amount in stated if amount is not None})


def _language(tag: str) -> str:
    return tag.split("-")[0]
