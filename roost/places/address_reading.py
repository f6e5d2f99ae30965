"""Reading of an address from the left: the divisions it names, and where the street begins. Pure.

At each position the longest name of a division within the ones read so far is taken. Names that
state their kind (朝阳区) are always names of divisions; a bare name (朝阳) is one unless a road or
a landmark continues it. Townships and streets need their kind, unless nothing follows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from roost.places.gazetteer import Division, Gazetteer
from roost.places.name_guards import continues_as_an_address, names_a_road_or_landmark
from roost.places.name_index import NameIndex, Sense, Senses
from roost.places.place_folding import LIST_MARK

_LEADING = re.compile(
    rf"(?:[ {LIST_MARK}]|中国|中华人民共和国|\d{{6}}(?!\d)|"
    r"(?:工作|公司|单位|办公|上班|面试|现|家庭|户籍|联系|常住|通讯|注册|总部|现居)?"
    r"(?:地址|地点|住址|住地)[为是在]?|(?:位于|坐落于|现住|家住|居住在))++"
)
_BETWEEN = re.compile(
    r"(?:[ 、]|市辖区|省直辖县级行政区划|自治区直辖县级行政区划|街?道?办事处|"
    r"(?:区|县|市|镇|乡)?(?:人民)?政府)++"
)
_TOWNSHIP_NEAR = re.compile(r"[\u3400-\u9fff]{1,12}?(?:镇|乡|街道|苏木)")
SHORTEST, LONGEST = 2, 24
"""Lengths of the names of townships, in characters."""
COUNTY_DIGITS = 6


class Step(NamedTuple):
    """Name read: its end in the text, and its senses within the ones before it."""

    end: int
    senses: Senses


@dataclass(frozen=True, slots=True)
class Reading:
    """Innermost senses that an address names, and the position where its street begins."""

    senses: Senses
    end: int
    full: bool
    """True if the last name states its kind."""
    steps: int
    """Number of names read."""
    begin: int = 0


class AddressReader:
    """Reads folded addresses (see `place_folding`)."""

    def __init__(self, known: Gazetteer, index: NameIndex, scheme: str = "cn") -> None:
        self._known = known
        self._index = index
        self._scheme = scheme
        self._townships = known.townships(scheme)

    def read(self, text: str, at: int = 0) -> Reading:
        """Read the divisions named from a position on."""
        if leading := _LEADING.match(text, at):
            at = leading.end()
        reading = Reading((), at, False, 0, at)
        while step := self._step(text, reading.end, reading.senses):
            end = self._skip(text, step.end, step.senses)
            full = all(sense.full for sense in step.senses)
            reading = Reading(step.senses, end, full, reading.steps + 1, reading.begin)
        return reading

    def _step(self, text: str, at: int, scope: Senses) -> Step | None:
        """Return the next name, the longest one first."""
        found = self._division(text, at, scope)
        if found is not None and all(sense.full for sense in found.senses):
            return found
        finer = self._township(text, at, scope, least=found.end - at if found else 0)
        return finer or found

    def _division(self, text: str, at: int, scope: Senses) -> Step | None:
        longest = self._index.longest.get(text[at : at + 1], 0)
        for end in range(min(at + longest, len(text)), at + SHORTEST - 1, -1):
            senses = self._index.senses.get(text[at:end])
            if senses is None:
                continue
            inside = self._inside(senses, scope)
            kept = tuple(
                each for each in inside if each.full or _is_bare_name(text, end, each, scope)
            )
            if kept:
                return Step(end, kept)
        return None

    def _inside(self, senses: Senses, scope: Senses) -> Senses:
        """Return the senses within the scope; those of divided divisions keep the parts within."""
        if not scope:
            return tuple(each for each in senses if not each.inner_only)
        return tuple(each for each in senses if any(self._lies_in(each, outer) for outer in scope))

    def _lies_in(self, sense: Sense, outer: Sense) -> bool:
        if outer.former is sense.former and outer.keys == sense.keys:
            return False
        former_home = sense.former.within if sense.former else None
        for key in outer.keys:
            if any(each != key and self._contains(key, each) for each in sense.keys):
                return True
            if former_home and self._contains(key, former_home):
                return True
        return False

    def _contains(self, outer: str, inner: str) -> bool:
        return inner.startswith(outer) or self._known.contains(outer, inner)

    def _township(self, text: str, at: int, scope: Senses, least: int) -> Step | None:
        """Return the township named at a position by more than `least` characters."""
        found: dict[int, list[str]] = {}
        for code in self._codes_of(scope):
            end, codes = self._longest_township(text, at, code, least)
            if codes:
                found.setdefault(end, []).extend(codes)
        if not found:
            return None
        end = max(found)
        keys = dict.fromkeys(f"{self._scheme}:{code}" for code in found[end])
        return Step(end, tuple(Sense((key,), True) for key in keys))

    def _codes_of(self, scope: Senses) -> list[str]:
        """Return the codes of the divisions whose townships may be named; empty code: all."""
        if not scope:
            return [""]
        prefix = f"{self._scheme}:"
        return [
            key.removeprefix(prefix)
            for sense in scope
            for key in (*sense.keys, *(sense.former.also if sense.former else ()))
            if key.startswith(prefix)
        ]

    def _longest_township(
        self, text: str, at: int, code: str, least: int
    ) -> tuple[int, tuple[str, ...]]:
        if self._townships is None or len(code) > COUNTY_DIGITS or at >= len(text):
            return at, ()
        county = self._townships.only_county(code)
        if county is None and not _TOWNSHIP_NEAR.match(text, at):
            return at, ()
        forms = self._townships.forms_in(county) if county else self._townships.full_forms_in(code)
        for end in range(min(at + LONGEST, len(text)), at + max(least, SHORTEST - 1), -1):
            form = forms.get(text[at:end])
            if form is not None and (form.full or _is_delimited(text, end)):
                return end, form.codes
        return at, ()

    def _skip(self, text: str, at: int, senses: Senses) -> int:
        """Skip separators, grouping words, and names already read that are written again."""
        while True:
            if between := _BETWEEN.match(text, at):
                at = between.end()
            again = self._repeated(text, at, senses)
            if again == at:
                return at
            at = again

    def _repeated(self, text: str, at: int, senses: Senses) -> int:
        if len(senses) != 1 or len(senses[0].keys) != 1:
            return at
        for key in self._known.ancestors(senses[0].keys[0]):
            division: Division | None = self._known.get(key)
            if division is not None and text.startswith(division.name, at):
                return at + len(division.name)
        return at


def _is_delimited(text: str, end: int) -> bool:
    return end >= len(text) or text[end] in f" {LIST_MARK}"


def _is_bare_name(text: str, end: int, sense: Sense, scope: Senses) -> bool:
    """Return whether a name without its kind is that of a division, by the text after it."""
    if _is_delimited(text, end):
        return True
    if names_a_road_or_landmark(text, end):
        return False
    return bool(scope) or sense.city or continues_as_an_address(text, end)
