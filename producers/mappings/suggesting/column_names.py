"""Names of columns: the fields that a heading means, in Chinese or English. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from producers.mappings.suggesting.importable_fields import IMPORTABLE
from producers.tables.headings import folded_heading
from producers.tables.table_model import KnownHeadings
from producers.values.vocabularies import vocabulary_file, words_in

EXACT, WITHIN = 1.0, 0.6
SHORTEST_WITHIN = 2
"""Characters of a Chinese synonym that is looked for within a longer heading."""
SHORTEST_LATIN_WITHIN = 4
_SERIAL = re.compile(r"序号|行号|no\.?|#|№|index")
_ENDS = {
    "wageMin": re.compile(r"最低|下限|低限|起薪|\bmin|lowest"),
    "wageMax": re.compile(r"最高|上限|高限|封顶|\bmax|highest"),
}
_BRACKETS = re.compile(r"[(（\[【][^(（\[【)）\]】]*[)）\]】]")


@cache
def synonyms(kind: str) -> Mapping[str, tuple[str, ...]]:
    """Return the headings of each importable field, the field's own names among them."""
    words = vocabulary_file("import_headings")[kind]
    return {
        name: tuple(dict.fromkeys((*words_in(words.get(name, "")), name, field.target)))
        for name, field in IMPORTABLE[kind].items()
    }


@cache
def known_headings(kind: str) -> KnownHeadings:
    """Return all synonyms, by which the headings of a file are found."""
    return KnownHeadings(word for words in synonyms(kind).values() for word in words)


@cache
def _by_heading(kind: str) -> Mapping[str, str]:
    """Return the field by its exact heading; the first field counts for a word of two."""
    found: dict[str, str] = {}
    for name, words in synonyms(kind).items():
        for word in words:
            found.setdefault(folded_heading(word), name)
    return found


def fields_of_heading(heading: str, kind: str) -> dict[str, float]:
    """Return how well a heading names each field: 1 exactly, less within a longer heading."""
    folded = folded_heading(heading)
    if not folded or _SERIAL.fullmatch(folded):
        return {}
    exact = _by_heading(kind)
    for text in (folded, folded_heading(_BRACKETS.sub("", folded))):
        if text in exact:
            return {exact[text]: EXACT}
    within = {
        word: name for word, name in exact.items() if _is_long_enough(word) and word in folded
    }
    longest = max(map(len, within), default=0)
    share = WITHIN + (1 - WITHIN) * 0.5 * longest / len(folded)
    found = {name: share for word, name in within.items() if len(word) == longest}
    if "wage" in found and (end := _wage_end(folded)):
        return {end: found["wage"]}
    return found


def _wage_end(folded: str) -> str:
    """Return the field of one end of a wage, if a heading names one: `工资待遇` over `最低`."""
    ends = [name for name, words in _ENDS.items() if words.search(folded)]
    return ends[0] if len(ends) == 1 else ""


def is_serial_number(heading: str) -> bool:
    """Return whether a column only numbers the rows."""
    return bool(_SERIAL.fullmatch(folded_heading(heading)))


def _is_long_enough(word: str) -> bool:
    return len(word) >= (SHORTEST_LATIN_WITHIN if word.isascii() else SHORTEST_WITHIN)
