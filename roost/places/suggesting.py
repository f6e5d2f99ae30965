"""Places that a half-typed text may mean, for fields that complete as one types.

A text that names a place gives it, then its parts. Otherwise the end of the text is the beginning
of a name, of its pinyin (`taiy`) or of the initials of its pinyin (`ty`), within the division
that precedes it, if there is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice

from roost.places.gazetteer import Division, Gazetteer, gazetteer
from roost.places.name_forms import NAMELESS
from roost.places.nearness import Nearness
from roost.places.place_folding import LIST_MARK, fold_place
from roost.places.resolutions import Candidates, Resolved
from roost.places.resolving import resolve, resolver
from roost.text.sorted_prefixes import rows_beginning_with

MOST = 20
"""Most places that are suggested at once."""
LONGEST = 100
"""Characters of a text that are read."""
_SCANNED = 2_000
"""Most names that begin with a text and are ordered."""
_LEAST_LETTERS = 2


class PlaceSuggester:
    """Suggests places of one gazetteer."""

    def __init__(self, known: Gazetteer, names: dict[str, tuple[str, ...]]) -> None:
        self._known = known
        spelled = [pair for division in known.coarse() for pair in _spellings(division)]
        named = [(name, key) for name, keys in names.items() for key in keys]
        self._names = sorted({*named, *spelled})

    def suggest(self, text: str, most: int = MOST, near: tuple[str, ...] = ()) -> list[Division]:
        """Return the places that a text may mean, the likeliest first.

        `near` are keys of places, such as those of a station: of equally likely places the nearest
        comes first.
        """
        nearness = Nearness(self._known, near)
        keys = dict.fromkeys(self._keys(text.strip()[:LONGEST], nearness))
        return [self._known[key] for key in islice(keys, min(most, MOST))]

    def _keys(self, text: str, nearness: Nearness) -> Iterator[str]:
        if not text:
            return
        match resolve(text):
            case Resolved(place, "", former) if former is None:
                yield place.key
                yield from self._ordered(self._parts(place.key), Nearness(self._known))
            case Resolved(place, "", _):
                yield place.key
            case Resolved(place, street):
                begun = fold_place(street)
                parts = self._parts(place.key)
                yield from (key for key in parts if self._known[key].name.startswith(begun))
                yield place.key
            case Candidates(places):
                yield from sorted((place.key for place in places), key=nearness.rank)
        folded = fold_place(text).replace(" ", "").replace(LIST_MARK, "")
        yield from self._ordered(self._beginning_with(folded), nearness)
        yield from sorted(self._townships(folded), key=nearness.rank)

    def _beginning_with(self, folded: str) -> Iterator[str]:
        if not folded or (folded.isascii() and len(folded) < _LEAST_LETTERS):
            return
        yield from (key for _, key in rows_beginning_with(self._names, folded))

    def _townships(self, folded: str) -> Iterator[str]:
        townships = self._known.townships("cn")
        if townships is not None and not folded.isascii() and len(folded) >= _LEAST_LETTERS:
            yield from (f"cn:{code}" for code in townships.beginning_with(folded, _SCANNED))

    def _parts(self, key: str) -> list[str]:
        """Return the divisions directly within a place, through those that only group others."""
        parts = []
        for part in self._known.parts(key):
            grouping = self._known[part].name in {*NAMELESS, self._known[key].name}
            parts += self._parts(part) if grouping else [part]
        townships = self._known.townships("cn")
        if not parts and townships is not None:
            parts = [f"cn:{code}" for code in townships.names_in(key.removeprefix("cn:"))]
        return parts

    def _ordered(self, keys: Iterable[str], nearness: Nearness) -> list[str]:
        """Return keys of provinces and cities before those of counties, near ones first."""
        found = islice(keys, _SCANNED)
        return sorted(found, key=lambda key: (len(key), nearness.rank(key), key))


def _spellings(division: Division) -> Iterator[tuple[str, str]]:
    if division.scheme == "nyc":
        yield fold_place(division.name).replace(" ", ""), division.key
    syllables = division.pinyin.split()
    if syllables and division.name not in NAMELESS:
        yield "".join(syllables), division.key
        yield "".join(syllable[0] for syllable in syllables), division.key


@cache
def suggester() -> PlaceSuggester:
    """Return the suggester of the gazetteer that ships with Roost."""
    return PlaceSuggester(gazetteer(), resolver().keys_of_names())
