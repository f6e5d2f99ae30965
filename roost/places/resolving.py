"""Places that texts name: a division, several candidates, anywhere, or none.

    found = resolve("上海市徐汇区田林路130号")
    match found:
        case Resolved(place, street):  # cn:310104, "田林路130号"
        case Candidates(places):       # ask, with the full names
        case Anywhere():               # 全国, 不限
        case Unknown(reason):          # nothing, or nothing without a residence (省内)

Source of the method: docs/decisions/0045-places-in-addresses.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache, cached_property, lru_cache
from importlib.resources import files

from roost.places import new_york
from roost.places.address_reading import AddressReader, Reading
from roost.places.gazetteer import Division, Gazetteer, gazetteer
from roost.places.later_reading import (
    codes_of_digits,
    later_reading,
    next_in_list,
    one_letter_differs,
    unknown_division,
    with_container_behind,
    without_spacing,
)
from roost.places.latin_reading import LatinReader
from roost.places.name_guards import OFFICE_CITIES, RIVALLED, is_negated, office_in
from roost.places.name_index import Former, NameIndex, Sense, Senses, is_city, load_former
from roost.places.open_places import ANYWHERE, AROUND_RESIDENCE, LETTERS, REGIONS
from roost.places.place_folding import fold_place
from roost.places.resolutions import (
    Anywhere,
    Candidates,
    PlaceContext,
    Resolution,
    Resolved,
    Unknown,
    UnknownReason,
)

LONGEST_TEXT = 400
"""Characters of a text that are read."""
REMEMBERED = 20_000
_LATIN = re.compile(r"[A-Za-z]{2}")
_HAN = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff]")


class PlaceResolver:
    """Resolves texts with one gazetteer."""

    def __init__(self, known: Gazetteer, former: Iterable[Former] = ()) -> None:
        self._known = known
        self._index = NameIndex(known, former)
        self._reader = AddressReader(known, self._index)

    @cached_property
    def _latin_reader(self) -> LatinReader:
        return LatinReader(self._known)

    def names(self) -> Iterable[str]:
        """Return all names down to counties and the neighborhoods of New York."""
        yield from self._index.senses
        yield from (division.name for division in self._known.of_scheme("nyc"))

    def keys_of_names(self) -> dict[str, tuple[str, ...]]:
        """Return the keys that each current name denotes by itself."""
        return {
            name: _keys_of(tuple(each for each in senses if not (each.former or each.inner_only)))
            for name, senses in self._index.senses.items()
        }

    def resolve(self, text: str, context: PlaceContext | None = None) -> Resolution:
        """Return the place that a text names."""
        context = context or PlaceContext()
        written = text.strip()
        folded = fold_place(written[:LONGEST_TEXT])
        found = self._whole_text(written, folded.replace(" ", ""), context)
        if found is not None:
            return found
        if _LATIN.search(written) and not _HAN.search(written):
            return self._latin(written, context)
        reading = self._reader.read(folded)
        if not reading.senses:
            found = self._otherwise(written, folded, context)
        elif is_negated(folded, reading.end):
            found = Unknown()
        elif city := office_in(folded, reading.end):
            found = self._office(city, context)
        else:
            reading = with_container_behind(self._reader, self._known, folded, reading)
            found = self._misspelt(folded, reading) or self._several(folded, reading)
        return found or self._decided(written, reading, context)

    def _whole_text(self, written: str, plain: str, context: PlaceContext) -> Resolution | None:
        """Return the meaning of a key, a code, or a word that stands for places."""
        if ":" in written and (division := self._known.get(written)) is not None:
            return Resolved(division)
        if plain in ANYWHERE:
            return Anywhere()
        if plain in AROUND_RESIDENCE:
            return self._around_residence(AROUND_RESIDENCE[plain], context)
        codes = REGIONS.get(plain) or ((LETTERS[plain],) if plain in LETTERS else ())
        if not codes and plain.isdecimal() and plain.isascii():
            codes = tuple(code for code in codes_of_digits(plain) if f"cn:{code}" in self._known)
        places = tuple(self._known[f"cn:{code}"] for code in codes)
        return _of_places(places) if places else None

    def _latin(self, written: str, context: PlaceContext) -> Resolution:
        """Return the place of an address in Latin letters: New York's, or China's in pinyin."""
        plain = new_york.plain_address(written)
        is_near = any(key.startswith("nyc:") for key in context.near)
        is_elsewhere = new_york.is_in_another_state(written)
        in_the_city = not is_elsewhere and (is_near or new_york.is_in_the_city(plain))
        keys = new_york.places_in(written, in_the_city=in_the_city)
        if not keys and in_the_city and not new_york.is_upstate(plain):
            keys = (new_york.CITY,)
        if not keys:
            return self._in_pinyin(written, context)
        found = _of_places(tuple(self._known[key] for key in keys))
        return _with_street(found, written)

    def _in_pinyin(self, written: str, context: PlaceContext) -> Resolution:
        keys = self._latin_reader.read(written)
        if not keys:
            return Unknown()
        senses = tuple(Sense((key,), False, city=is_city(self._known[key])) for key in keys)
        reading = Reading(senses, 0, name=written.casefold())
        return _with_street(self._decided(written, reading, context), written)

    def _around_residence(self, digits: int, context: PlaceContext) -> Resolution:
        for key in self._known.ancestors(context.residence) if context.residence else ():
            if key.startswith("cn:") and len(key) - len("cn:") <= digits:
                return Resolved(self._known[key])
        return Unknown(UnknownReason.NEEDS_RESIDENCE)

    def _office(self, city: str, context: PlaceContext) -> Resolution:
        """Return the place of an office of one place in another: 山西省驻京办 is in Beijing."""
        if city in OFFICE_CITIES:
            return Resolved(self._known[OFFICE_CITIES[city]])
        reading = self._reader.read(city)
        return self._decided("", reading, context) if reading.senses else Unknown()

    def _otherwise(self, written: str, folded: str, context: PlaceContext) -> Resolution:
        """Return the place of a text that begins with no division."""
        if joined := without_spacing(folded):
            return self.resolve(joined, context)
        for scope in self._scopes(context):
            reading = self._reader.read(folded, scope=(scope,))
            if reading.senses:
                found = self._decided(written, reading, context)
                return replace(found, by_context=True) if isinstance(found, Resolved) else found
        later = later_reading(self._reader, folded)
        if later is None:
            return Unknown()
        found = self._decided(written, later, context)
        return replace(found, street=written) if isinstance(found, Resolved) else found

    def _scopes(self, context: PlaceContext) -> Iterator[Sense]:
        """Yield the counties and cities of the context, the strongest first."""
        for near in context.near:
            for key in self._known.ancestors(near):
                if self._known.level(key) in ("county", "city"):
                    yield Sense((key,), True)

    def _misspelt(self, folded: str, reading: Reading) -> Resolution | None:
        """Return a question about an unknown division directly after a known one."""
        if len(reading.senses) != 1 or len(reading.senses[0].keys) != 1:
            return None
        key = reading.senses[0].keys[0]
        name = unknown_division(folded, reading.end)
        if name is None or self._known.level(key) not in ("province", "city"):
            return None
        parts = self._index.parts_of(key)
        similar = [
            self._known[part] for part in parts if one_letter_differs(name, part, self._known)
        ]
        if similar:
            return Candidates(tuple(similar))
        elsewhere = _keys_of(self._reader.read(name).senses)
        if key in elsewhere:
            return None  # another name of the same division: 太原市综改区
        if elsewhere:
            return Candidates(tuple(self._known[each] for each in (*elsewhere, key)))
        return Unknown() if name[-1] in "县州" or self._known.level(key) == "province" else None

    def _several(self, folded: str, reading: Reading) -> Resolution | None:
        """Return a question if the rest is another place: 北京、上海, 从临汾到太原."""
        end = next_in_list(folded, reading.end)
        if end is None or reading.end >= len(folded):
            return None
        keys = list(_keys_of(reading.senses))
        while end < len(folded):
            after = self._reader.read(folded, end)
            following = next_in_list(folded, after.end)
            if not after.senses or following is None:
                return None
            keys += _keys_of(after.senses)
            end = following
        if len(keys) == len(_keys_of(reading.senses)):
            return None
        return Candidates(tuple(self._known[key] for key in dict.fromkeys(keys)))

    def _decided(self, written: str, reading: Reading, context: PlaceContext) -> Resolution:
        senses = self._outermost(_best_known(reading))
        by_context = len(senses) != 1
        if by_context:
            senses = self._nearest(senses, context)
        keys = _keys_of(senses)
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
            if all(self._known.contains(outer.keys[0], key) for key in _keys_of(senses)):
                return (outer,)
        return senses

    def _nearest(self, senses: Senses, context: PlaceContext) -> Senses:
        """Return the only sense in the innermost division that it shares with a near place.

        A country contains too much to decide anything, and a province too much for a township.
        """
        finest = any(self._known.level(key) == "township" for key in _keys_of(senses))
        for near in context.near:
            for outer in self._known.ancestors(near):
                if outer not in self._known or (finest and self._known.level(outer) == "province"):
                    break
                inside = tuple(each for each in senses if self._lies_in(each, outer))
                if len(inside) == 1:
                    return inside
                if inside:
                    break
        return senses

    def _lies_in(self, sense: Sense, outer: str) -> bool:
        return all(self._known.contains(outer, key) for key in sense.keys)


def _keys_of(senses: Senses) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for sense in senses for key in sense.keys))


def _with_street(found: Resolution, written: str) -> Resolution:
    """Return a place with the text as its street, if the text has a number of a house."""
    if not isinstance(found, Resolved):
        return found
    return replace(found, street=written if any(map(str.isdecimal, written)) else "")


def _of_places(places: tuple[Division, ...]) -> Resolution:
    return Resolved(places[0]) if len(places) == 1 else Candidates(places)


def _best_known(reading: Reading) -> Senses:
    """Return the province or city that a bare name denotes before any district: 西安, 中山."""
    if any(sense.full for sense in reading.senses) or reading.name in RIVALLED:
        return reading.senses
    cities = tuple(sense for sense in reading.senses if sense.city)
    return cities or reading.senses


@cache
def resolver() -> PlaceResolver:
    """Return the resolver of the gazetteer that ships with Roost."""
    return PlaceResolver(gazetteer(), _former())


@cache
def former_names() -> dict[str, frozenset[str]]:
    """Return the former names of the divisions that succeeded a place of that name, by key."""
    found: dict[str, frozenset[str]] = {}
    for each in _former():
        for key in (*each.successors, *each.also):
            found[key] = found.get(key, frozenset()) | {each.name}
    return found


@cache
def _former() -> tuple[Former, ...]:
    path = files("roost") / "data" / "places" / "cn_former.csv"
    return tuple(load_former(path, "cn"))


def resolve(text: str, context: PlaceContext | None = None) -> Resolution:
    """Return the place that a text names, with the gazetteer that ships with Roost."""
    if len(text) > LONGEST_TEXT:
        return resolver().resolve(text, context)
    return _remembered(text, context)


@lru_cache(maxsize=REMEMBERED)
def _remembered(text: str, context: PlaceContext | None) -> Resolution:
    return resolver().resolve(text, context)


@cache
def known_names() -> tuple[str, ...]:
    """Return all names down to counties, for suggestions."""
    return tuple(resolver().names())
