"""Results of resolving a text to a place, and the context that decides between places."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from roost.places.gazetteer import Division


@dataclass(frozen=True, slots=True)
class PlaceContext:
    """Evidence on which of several places of one name is meant."""

    near: tuple[str, ...] = ()
    """Keys of places in the same area, the strongest first: the station's, other rows'."""
    residence: str | None = None
    """Key of the person's residence, for 省内 and 本市."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """Innermost division that a text names, and the rest of the text as written."""

    place: Division
    street: str = ""
    renamed_from: str | None = None
    """Former name in the text; None if it names the division as it is called today."""
    year: int | None = None
    """Year of the change of name."""
    by_context: bool = False
    """True if the context decided between several places."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Several places have the name; a person must choose."""

    places: tuple[Division, ...]


@dataclass(frozen=True, slots=True)
class Anywhere:
    """Text says that any place will do: 全国, 不限."""


class UnknownReason(StrEnum):
    """Reason why a text names no place."""

    NO_PLACE = "no place"
    NEEDS_RESIDENCE = "needs the residence"


@dataclass(frozen=True, slots=True)
class Unknown:
    """Text names no place of the gazetteer."""

    reason: UnknownReason = UnknownReason.NO_PLACE


Resolution = Resolved | Candidates | Anywhere | Unknown
