"""Names that a half-typed text may mean, for fields that complete as one types. Pure.

A name is found by its beginning, by the beginning of a word or any part of it, by its pinyin
(`hanjie`) and by the initials of its pinyin (`hj`). A term that is found by any of its names is
suggested by its first name in that name's language.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import islice, product

from roost.text.name_sounds import typed_readings
from roost.text.skill_names import spelling
from roost.text.sorted_prefixes import rows_beginning_with

MOST = 20
"""Most terms that are suggested at once."""
LONGEST = 60
"""Characters of a text that are read."""
_SCANNED = 500
"""Most names that begin with a text and are ordered."""
_LEAST_LETTERS = 2
_MOST_READINGS = 4
"""Most pinyin spellings of one name: some characters have several readings."""


class _Found(IntEnum):
    """Way in which a text was found in a name, the likeliest first."""

    NAME = 0
    SOUND = 1
    PART = 2


@dataclass(frozen=True, slots=True)
class Term:
    """A term with all its names in one language, the usual one first."""

    key: str
    names: tuple[str, ...]


class NameSuggester:
    """Suggests terms; a term with names in two languages is given once for each."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._terms: Sequence[Term] = tuple(terms)
        self._spellings = sorted(
            {
                (written, (name != term.names[0]) * len(_Found) + found, at)
                for at, term in enumerate(self._terms)
                for name in term.names
                for written, found in _spellings(spelling(name))
            }
        )

    def suggest(self, text: str, most: int = MOST) -> list[Term]:
        """Return the terms that a text may mean, the likeliest first, each key once."""
        begun = spelling(text.strip()[:LONGEST])
        if not begun or (begun.isascii() and len(begun) < _LEAST_LETTERS):
            return []
        found = sorted(islice(self._beginning_with(begun), _SCANNED))
        distinct: dict[str, Term] = {}
        for _, _, at in found:
            distinct.setdefault(self._terms[at].key, self._terms[at])
        return list(islice(distinct.values(), min(most, MOST)))

    def _beginning_with(self, begun: str) -> Iterator[tuple[int, int, int]]:
        """Yield the order of each spelling, the characters still to type, the term's position.

        Complete names come first, then usual names before others.
        """
        for written, order, at in rows_beginning_with(self._spellings, begun):
            rest = len(written) - len(begun)
            complete = not rest and order % len(_Found) == _Found.NAME
            yield (-1 if complete else order), rest, at


def _spellings(name: str) -> Iterator[tuple[str, _Found]]:
    """Yield what a person may type for a name."""
    yield name, _Found.NAME
    if name.isascii():
        starts = (at + 1 for at, each in enumerate(name) if each == " ")
        yield from ((name[at:], _Found.PART) for at in starts)
        return
    yield from ((name[at:], _Found.PART) for at in range(1, len(name) - 1))
    readings = [typed_readings(each) or (each,) for each in name]
    for syllables in islice(product(*readings), _MOST_READINGS):
        yield "".join(syllables), _Found.SOUND
        yield "".join(each[0] for each in syllables), _Found.SOUND
