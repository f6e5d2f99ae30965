"""Places that texts name: a division, several candidates, anywhere, or none.

    found = resolve("上海市徐汇区田林路130号")
    match found:
        case Resolved(place, street):  # cn:310104, "田林路130号"
        case Candidates(places):       # ask, with the full names
        case Anywhere():               # 全国, 不限
        case Unknown(reason):          # nothing, or nothing without a residence (省内)

Source of the method: docs/decisions/0039-places-in-addresses.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files

from roost.places.address_reading import AddressReader, Reading
from roost.places.gazetteer import Division, Gazetteer, gazetteer
from roost.places.name_index import Former, NameIndex, Senses, load_former
from roost.places.open_places import ANYWHERE, AROUND_RESIDENCE
from roost.places.place_folding import fold_place

LONGEST_TEXT = 400
"""Characters of a text that are read."""
REMEMBERED = 20_000


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


class PlaceResolver:
    """Resolves texts with one gazetteer."""

    def __init__(self, known: Gazetteer, former: Iterable[Former] = ()) -> None:
        self._known = known
        self._index = NameIndex(known, former)
        self._reader = AddressReader(known, self._index)

    def names(self) -> Iterable[str]:
        """Return all names down to counties."""
        return self._index.senses.keys()

    def resolve(self, text: str, context: PlaceContext | None = None) -> Resolution:
        """Return the place that a text names."""
        written = text.strip()[:LONGEST_TEXT]
        if (division := self._known.get(written)) is not None:
            return Resolved(division)
        folded = fold_place(written)
        plain = folded.replace(" ", "")
        if plain in ANYWHERE:
            return Anywhere()
        if plain in AROUND_RESIDENCE:
            return self._around_residence(AROUND_RESIDENCE[plain], context)
        reading = self._reader.read(folded)
        if not reading.senses:
            return Unknown()
        return self._decided(written, reading, context or PlaceContext())

    def _around_residence(self, digits: int, context: PlaceContext | None) -> Resolution:
        residence = context.residence if context else None
        for key in self._known.ancestors(residence) if residence else ():
            if key.startswith("cn:") and len(key) - len("cn:") <= digits:
                return Resolved(self._known[key])
        return Unknown(UnknownReason.NEEDS_RESIDENCE)

    def _decided(self, written: str, reading: Reading, context: PlaceContext) -> Resolution:
        senses = self._outermost(_best_known(reading.senses))
        by_context = len(senses) != 1
        if by_context:
            senses = self._nearest(senses, context)
        keys = tuple(dict.fromkeys(key for sense in senses for key in sense.keys))
        if len(keys) != 1:
            return Candidates(tuple(self._known[key] for key in keys))
        former = senses[0].former
        return Resolved(
            place=self._known[keys[0]],
            street=written[reading.end :].strip(),
            renamed_from=former.name if former else None,
            year=former.year if former else None,
            by_context=by_context,
        )

    def _outermost(self, senses: Senses) -> Senses:
        """Return the sense that contains all others, if there is one: 吉林 is the province."""
        for outer in senses:
            if all(
                self._known.contains(outer.keys[0], key) for each in senses for key in each.keys
            ):
                return (outer,)
        return senses

    def _nearest(self, senses: Senses, context: PlaceContext) -> Senses:
        """Return the senses that share the innermost division with the nearest place."""
        for near in context.near:
            for outer in self._known.ancestors(near):
                inside = tuple(
                    each
                    for each in senses
                    if all(self._known.contains(outer, key) for key in each.keys)
                )
                if inside:
                    if len(inside) == 1:
                        return inside
                    break
        return senses


def _best_known(senses: Senses) -> Senses:
    """Return the province or city that a bare name denotes before any district: 西安, 中山."""
    if any(sense.full for sense in senses):
        return senses
    cities = tuple(sense for sense in senses if sense.city)
    return cities or senses


@cache
def resolver() -> PlaceResolver:
    """Return the resolver of the gazetteer that ships with Roost."""
    folder = files("roost") / "data" / "places"
    return PlaceResolver(gazetteer(), load_former(folder / "cn_former.csv", "cn"))


@lru_cache(maxsize=REMEMBERED)
def resolve(text: str, context: PlaceContext | None = None) -> Resolution:
    """Return the place that a text names, with the gazetteer that ships with Roost."""
    return resolver().resolve(text, context)


@cache
def known_names() -> tuple[str, ...]:
    """Return all names down to counties, for suggestions."""
    return tuple(resolver().names())
