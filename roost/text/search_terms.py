"""Search terms of names, titles and references, and the prefixes that a typed text looks for.

A document's terms are the text from each of its characters on, so a prefix query finds any part
without wildcards: 小明 is a prefix of the term of 张小明 that begins at its second character. Each
term begins with a mark: its subject, its form, and `^` at the start of the text or `~` within it.

    name 张小明       nc^张小明 nc~小明 nc~明, ns^zhangxiaoming ns~xiaoming ns~ming, ni^zxm ni~xm
    reference A-17    r^a-17

The terms are clear text. They belong into documents that hold the text itself and that are erased
with their person. Those of telephone numbers are keyed (`roost.contact.telephone_terms`). All
functions are pure and take linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from unicodedata import normalize

from roost.text.lookup_form import lookup_form
from roost.text.name_sounds import typed_readings
from roost.text.normalising import nfkc
from roost.text.references import common_number, visible_text
from roost.text.tokens import CJK

LONGEST = 32
"""Most characters of a term, its mark left out; more of a typed text is not looked for."""
MOST_STARTS = 40
"""Most terms of one form of a text."""
MOST_READINGS = 3
"""Readings of a first character: as a surname, some have another one than the usual."""
FEWEST_LETTERS = 2
"""Fewest letters of a reading, and fewest initials."""
_DROPPED = re.compile(r"[\W_]+")
_UNITS = re.compile(rf"{CJK.pattern}|[^\W_]")
_LETTERS = re.compile(r"[a-zü' -]+")
_TONES = re.compile("[\u0300\u0301\u0304\u030c]")
_UMLAUTS = re.compile(r"([ln]y?u)")
"""Letters that may mean ü; `v` always does."""
_U_AFTER = re.compile(r"([jqxy])v")
MOST_SPELLINGS = 8
"""Most readings of one typed text: three places at which ü may be meant."""


class Subject(StrEnum):
    """Text that a term comes from: a person's name, a title, an employer's name."""

    NAME = "n"
    TITLE = "t"
    EMPLOYER = "e"


class FoundBy(StrEnum):
    """Reason why an entry was found, best first."""

    NUMBER = "number"
    TELEPHONE = "telephone"
    NAME = "name"
    NAME_START = "name_start"
    SOUND = "sound"
    INITIALS = "initials"
    NAME_PART = "name_part"
    TELEPHONE_PART = "telephone_part"
    NUMBER_START = "number_start"
    SOUND_PART = "sound_part"
    INITIALS_PART = "initials_part"


RANKED: tuple[FoundBy, ...] = tuple(FoundBy)


@dataclass(frozen=True, slots=True)
class Sought:
    """Term to look for: the whole term if `exact`, else its beginning."""

    term: str
    found_by: FoundBy
    exact: bool = False


def compact(text: str) -> str:
    """Return a text in lower case and simplified characters, without blanks and punctuation."""
    return _DROPPED.sub("", lookup_form(nfkc(visible_text(text))).casefold())


def terms_of_text(subject: Subject, text: str) -> list[str]:
    """Return the terms of a name or title: its characters, its reading and its initials."""
    plain = compact(text)[: LONGEST + MOST_STARTS]
    terms = _suffixes(f"{subject}c", _units(plain))
    if CJK.search(plain):
        for readings in _readings(plain):
            terms += _suffixes(f"{subject}s", readings)
            initials = [each[0] for each in readings]
            terms += _suffixes(f"{subject}i", initials, FEWEST_LETTERS)
    return list(dict.fromkeys(terms))


def term_of_reference(text: str) -> str:
    """Return the term of a roster number or of an employer's own reference."""
    return f"r^{common_number(text).casefold()[:LONGEST]}"


def sought_in_text(subject: Subject, typed: str) -> list[Sought]:
    """Return the terms that a typed text may mean in a name or title, best first."""
    plain = compact(typed)[:LONGEST]
    if not plain:
        return []
    letters = _typed_letters(typed)
    spellings = readings_typed_as(letters)
    sought = [
        Sought(f"{subject}c^{plain}", FoundBy.NAME, exact=True),
        Sought(f"{subject}c^{plain}", FoundBy.NAME_START),
        Sought(f"{subject}c~{plain}", FoundBy.NAME_PART),
    ]
    if len(letters) >= FEWEST_LETTERS:
        sought += [
            *(Sought(f"{subject}s^{each}", FoundBy.SOUND) for each in spellings),
            Sought(f"{subject}i^{letters}", FoundBy.INITIALS),
            *(Sought(f"{subject}s~{each}", FoundBy.SOUND_PART) for each in spellings),
            Sought(f"{subject}i~{letters}", FoundBy.INITIALS_PART),
        ]
    return sought


def sought_reference(typed: str) -> list[Sought]:
    """Return the terms of a typed roster number or reference, or of its beginning."""
    term = term_of_reference(typed)
    if term == "r^":
        return []
    exact = Sought(term, FoundBy.NUMBER, exact=True)
    return (
        [exact, Sought(term, FoundBy.NUMBER_START)] if len(term) > FEWEST_LETTERS + 1 else [exact]
    )


def readings_typed_as(letters: str) -> list[str]:
    """Return the readings that typed letters may mean, first as typed.

    ü is `v` in a term. It is typed as ü, v, yu (in passports) or plain u after l and n (吕: lü, lv,
    lyu, lu; 女 likewise), and as u or v after j, q, x and y, where it is written u.
    """
    plain = _U_AFTER.sub(r"\1u", letters)
    spellings = [""]
    for part in _UMLAUTS.split(plain):
        others = [part]
        if _UMLAUTS.fullmatch(part):
            others = [part, f"{part[0]}v"] if len(spellings) < MOST_SPELLINGS else [part]
        spellings = [before + each for before in spellings for each in others]
    return list(dict.fromkeys(spellings))


def _typed_letters(typed: str) -> str:
    """Return a typed reading without blanks and tones; empty for a text of other characters."""
    plain = _toneless(nfkc(visible_text(typed)).casefold().strip())
    return (
        re.sub(r"[^a-z]", "", plain.replace("ü", "v"))[:LONGEST]
        if _LETTERS.fullmatch(plain)
        else ""
    )


def _toneless(text: str) -> str:
    """Return a text without the marks of tones (lǚ, zhāng); ü stays."""
    if text.isascii():
        return text
    return nfkc(_TONES.sub("", normalize("NFD", text)))


def _units(plain: str) -> list[str]:
    return _UNITS.findall(plain)


def _readings(plain: str) -> Iterable[Sequence[str]]:
    """Return the reading of each character, one list for each reading of the first one."""
    units = _units(plain)
    rest = [_typed(each)[0] for each in units[1:]]
    return [[first, *rest] for first in _typed(units[0])[:MOST_READINGS]]


def _typed(unit: str) -> Sequence[str]:
    return typed_readings(unit) or (unit,)


def _suffixes(mark: str, units: Sequence[str], fewest: int = 1) -> list[str]:
    """Return the terms from each unit on that have at least `fewest` units."""
    starts = range(min(len(units) - fewest + 1, MOST_STARTS))
    return [
        f"{mark}{'~' if at else '^'}{''.join(units[at : at + LONGEST])[:LONGEST]}" for at in starts
    ]
