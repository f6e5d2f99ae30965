"""Filters of lists as typed clauses: user input is a value in a clause, never a query."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from enum import Enum

from roost.errors import FieldError, Invalid, invalid_field
from roost.places.gazetteer import Gazetteer
from roost.places.place_clauses import clauses_within
from roost.places.place_search import AmbiguousPlace, UnknownPlace, find_place
from roost.text.tokens import folded
from roost.time.county_days import days_span
from roost.views.elastic import Json

COUNTY_DAY = "day in the county's time zone"
"""Meaning of a filter by date, for the API's document."""
Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Equals:
    """A field with exactly one value."""

    field: str
    value: Value

    def json(self) -> Json:
        """Return the clause for Elasticsearch."""
        return {"term": {self.field: self.value}}


@dataclass(frozen=True, slots=True)
class OneOf:
    """A field with one of several values."""

    field: str
    values: tuple[Value, ...]

    def json(self) -> Json:
        """Return the clause for Elasticsearch."""
        return {"terms": {self.field: list(self.values)}}


@dataclass(frozen=True, slots=True)
class Between:
    """A field within a range; both ends are included, None leaves an end open."""

    field: str
    least: int | str | None = None
    most: int | str | None = None

    def json(self) -> Json:
        """Return the clause for Elasticsearch."""
        ends = {"gte": self.least, "lte": self.most}
        return {"range": {self.field: {name: end for name, end in ends.items() if end is not None}}}


@dataclass(frozen=True, slots=True)
class Containing:
    """A field that contains every word, in any case."""

    field: str
    words: tuple[str, ...]

    def json(self) -> Json:
        """Return the clause for Elasticsearch."""
        wildcards = [
            {"wildcard": {self.field: {"value": f"*{literal(word)}*", "case_insensitive": True}}}
            for word in self.words
        ]
        return {"bool": {"filter": wildcards}}


Clause = Equals | OneOf | Between | Containing


def literal(text: str) -> str:
    """Escape the wildcard characters of a text."""
    return "".join(f"\\{each}" if each in "\\*?" else each for each in text)


def equal(field: str, value: Value | Enum | None) -> list[Json]:
    """Return the clause, or nothing for None, as the functions below do."""
    if value is None:
        return []
    return [Equals(field, value.value if isinstance(value, Enum) else value).json()]


def one_of(field: str, values: Iterable[Value | Enum] | None) -> list[Json]:
    """Return the clause for one of several values; nothing without values."""
    plain = tuple(each.value if isinstance(each, Enum) else each for each in values or ())
    return [OneOf(field, plain).json()] if plain else []


def between(field: str, least: datetime | None, most: datetime | None) -> list[Json]:
    """Return the clause for a range of moments, ends included; nothing for an open range."""
    if least is None and most is None:
        return []
    ends = (each.isoformat() if each is not None else None for each in (least, most))
    return [Between(field, *ends).json()]


def check_order(
    names: tuple[str, str], first: date | datetime | None, last: date | datetime | None
) -> None:
    """Raise Invalid if the start of a range is after its end; it names both parameters."""
    if first is None or last is None or _comparable(first) <= _comparable(last):
        return
    start, end = names
    raise Invalid(
        f"{start} is after {end}; exchange them, or leave one out.",
        f"{start} 晚于 {end}，请互换两者或只填一项。",
        fields=(
            FieldError(start, f"is after {end}", f"不能晚于 {end}"),
            FieldError(end, f"is before {start}", f"不能早于 {start}"),
        ),
    )


def _comparable(when: date | datetime) -> date | datetime:
    """Return a moment without a zone as one in UTC, as Elasticsearch reads it."""
    is_naive = isinstance(when, datetime) and when.tzinfo is None
    return when.replace(tzinfo=UTC) if isinstance(when, datetime) and is_naive else when


def on_days(
    field: str,
    first: date | None,
    last: date | None,
    zone: tzinfo,
    names: tuple[str, str] = ("from", "to"),
) -> list[Json]:
    """Return the clause for a range of the county's days, both included; nothing without days.

    Raises Invalid, which names the parameters `names`, if the last day is before the first one.
    """
    check_order(names, first, last)
    begins, ends = days_span(first, last, zone)
    return since_before(field, begins, ends)


def since_before(field: str, begins: datetime | None, ends: datetime | None) -> list[Json]:
    """Return the clause for moments from one on and before another; nothing for an open range."""
    stated = {"gte": begins, "lt": ends}
    span = {name: at.isoformat() for name, at in stated.items() if at is not None}
    return [{"range": {field: span}}] if span else []


def containing(field: str, text: str | None) -> list[Json]:
    """Return the clause for a field of folded text with the first ten words of a text."""
    words = tuple(folded(text or "").split()[:10])
    return [Containing(field, words).json()] if words else []


def in_place(field: str, place: str | None, known: Gazetteer) -> list[Json]:
    """Return the clause for a place and all places within it, of a field with all containers.

    `place` is a name, a gazetteer key or a country. Raises Invalid for an unknown or ambiguous one.
    """
    return [] if place is None else equal(field, _place_key(place, known))


def innermost_in_place(field: str, place: str | None, known: Gazetteer) -> list[Json]:
    """Return the clause for a place and all places within it, of a field with the innermost only.

    Raises Invalid for an unknown or ambiguous place.
    """
    if place is None:
        return []
    ways = clauses_within(field, [_place_key(place, known)], known)
    return [{"bool": {"should": ways, "minimum_should_match": 1}}]


def _place_key(place: str, known: Gazetteer) -> str:
    if place in known.countries:
        return place
    try:
        return find_place(place).key
    except (UnknownPlace, AmbiguousPlace) as error:
        raise invalid_field("place", error.message, error.message_zh) from None
