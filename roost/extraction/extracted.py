"""Findings of the extraction: a value for a field of an opening, and the words it came from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Field(StrEnum):
    """Fields that are extracted, by their names on the wire."""

    SKILLS = "skills"
    LICENCES = "licencesRequired"
    EXPERIENCE = "experienceRequirements"
    EDUCATION = "educationRequirements"
    SHIFTS = "shifts"
    LODGING = "lodging"
    MEALS = "meals"
    HEADCOUNT = "totalJobOpenings"
    HOURS = "contactHours"


MANY_VALUED = frozenset({Field.SKILLS, Field.LICENCES, Field.SHIFTS})
Value = str | float | int | bool


@dataclass(frozen=True, slots=True)
class Extracted:
    """Value that a text states for a field, with the words it came from and their span."""

    field: Field
    value: Value
    source: str
    """Field of the text: title, description, jobBenefits.0."""
    words: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Span:
    """Value that a plain text states, with its place in the plain text."""

    field: Field
    value: Value
    start: int
    end: int
