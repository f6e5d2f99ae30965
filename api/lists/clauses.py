"""Filters of lists as typed clauses: what somebody writes is a value in one, never a query."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from roost.errors import invalid_field
from roost.places.gazetteer import AmbiguousPlace, Gazetteer, UnknownPlace
from roost.views.elastic import Json

Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Equals:
    field: str
    value: Value

    def json(self) -> Json:
        return {"term": {self.field: self.value}}


@dataclass(frozen=True, slots=True)
class OneOf:
    field: str
    values: tuple[Value, ...]

    def json(self) -> Json:
        return {"terms": {self.field: list(self.values)}}


@dataclass(frozen=True, slots=True)
class Between:
    """Both ends included; None leaves one open."""

    field: str
    least: int | str | None = None
    most: int | str | None = None

    def json(self) -> Json:
        ends = {"gte": self.least, "lte": self.most}
        return {"range": {self.field: {name: end for name, end in ends.items() if end is not None}}}


@dataclass(frozen=True, slots=True)
class Containing:
    """Every word of a text somewhere in the field, whatever the case."""

    field: str
    words: tuple[str, ...]

    def json(self) -> Json:
        asked = [
            {"wildcard": {self.field: {"value": f"*{literal(word)}*", "case_insensitive": True}}}
            for word in self.words
        ]
        return {"bool": {"filter": asked}}


Clause = Equals | OneOf | Between | Containing


def literal(text: str) -> str:
    """A text in which no character stands for others."""
    return "".join(f"\\{each}" if each in "\\*?" else each for each in text)


def equal(field: str, value: Value | Enum | None) -> list[Json]:
    """Nothing for None, as the functions after it."""
    if value is None:
        return []
    return [Equals(field, value.value if isinstance(value, Enum) else value).json()]


def one_of(field: str, values: Iterable[Value | Enum] | None) -> list[Json]:
    plain = tuple(each.value if isinstance(each, Enum) else each for each in values or ())
    return [OneOf(field, plain).json()] if plain else []


def between(field: str, least: date | datetime | None, most: date | datetime | None) -> list[Json]:
    if least is None and most is None:
        return []
    return [Between(field, _iso(least), _iso(most)).json()]


def containing(field: str, text: str | None) -> list[Json]:
    words = tuple((text or "").split()[:10])
    return [Containing(field, words).json()] if words else []


def in_place(field: str, place: str | None, known: Gazetteer) -> list[Json]:
    """In a place or anywhere within it: a name, a key, or a country. Raises Invalid."""
    if place is None:
        return []
    if place in known.countries:
        return equal(field, place)
    try:
        return equal(field, known.find(place).key)
    except (UnknownPlace, AmbiguousPlace) as error:
        raise invalid_field("place", error.message, error.message_zh) from None


def _iso(moment: date | datetime | None) -> str | None:
    """A day means all of it: Elasticsearch rounds a date without a time up or down to fit."""
    return None if moment is None else moment.isoformat()
