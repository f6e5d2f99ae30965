"""Townships and streets of China (level 4), parsed county by county on first use.

The file has a line for each county: its code, a space, and `<three digits><name>` for each of its
townships, separated by `|`. Until a county is used, only its line is in memory: 2 MB for China.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib.resources.abc import Traversable
from itertools import islice
from typing import NamedTuple

from roost.places.name_forms import full_township_forms, township_stem, township_stem_of_form
from roost.places.place_folding import LIST_MARK

COUNTY_DIGITS = 6
TOWNSHIP_DIGITS = 9
CITY_DIGITS = 4
MUNICIPALITIES = frozenset({"11", "12", "31", "50"})
PLAIN_KINDS = ("镇", "乡", "街道", "苏木")
"""Kinds of townships that are read without the name of their county."""
WRITTEN_KINDS = (*PLAIN_KINDS, "街办")
"""Endings that state the kind of a township within its county or city."""
SHORTEST = 2
SEPARATED = frozenset({"", " ", LIST_MARK})
"""Characters after a name that is complete; empty at the end of the text."""
Codes = tuple[str, ...]


class _County(NamedTuple):
    """Townships of a county: by full form of the name, and by name without the kind."""

    full: Mapping[str, Codes]
    bare: Mapping[str, Codes]
    longest: Mapping[str, int]
    """Length of the longest form that begins with each character."""


class Townships:
    """Level-4 divisions of one scheme, by code and by name within a division."""

    def __init__(self, path: Traversable) -> None:
        self._path = path
        self._counties: dict[str, _County] = {}
        self._cities: dict[str, list[str]] = {}

    @cached_property
    def _lines(self) -> dict[str, str]:
        lines = self._path.read_text(encoding="utf-8").splitlines()
        return dict(line.split(" ", 1) for line in lines)

    @cached_property
    def _everywhere(self) -> dict[str, Codes]:
        """Codes of all townships of a plain kind by the full forms of their names."""
        found: dict[str, Codes] = {}
        for county in self._lines:
            for code, name in self._pairs(county):
                if name.endswith(PLAIN_KINDS):
                    for form in full_township_forms(name):
                        found[form] = (*found.get(form, ()), code)
        return found

    def name(self, code: str) -> str | None:
        """Return the name of a township by its nine digits; None if no township has the code."""
        line = "|" + self._lines.get(code[:COUNTY_DIGITS], "")
        at = line.find(f"|{code[COUNTY_DIGITS:]}")
        if at < 0 or len(code) != TOWNSHIP_DIGITS:
            return None
        return line[at + 4 :].partition("|")[0]

    def names_in(self, county: str) -> dict[str, str]:
        """Return the names of a county's townships, by code."""
        return dict(self._pairs(county))

    def within(self, code: str) -> Iterator[tuple[str, str]]:
        """Yield (code, name) of all townships in a province, a city or a county; "" for all."""
        for county in self._lines:
            if county.startswith(code):
                yield from self._pairs(county)

    def only_county(self, code: str) -> str | None:
        """Return a county's own code, or that of the only county in a city (东莞); else None."""
        if len(code) == COUNTY_DIGITS:
            return code
        repeated = f"{code}00"
        return repeated if len(code) == 4 and repeated in self._lines else None

    def longest_in_county(self, county: str, text: str, at: int, least: int) -> tuple[int, Codes]:
        """Return the end and the townships of the longest name at a position of a text.

        The name is longer than `least`. A name with another kind denotes the township as well
        (沙井镇 for 沙井街道), and a name without its kind does if a separator follows.
        """
        townships = self._county(county)
        longest = townships.longest.get(text[at : at + 1], 0)
        for end in range(min(at + longest, len(text)), at + max(least, SHORTEST - 1), -1):
            if codes := self._denoted(townships, text[at:end], text[end : end + 1]):
                return end, codes
        return at, ()

    def _denoted(self, townships: _County, form: str, following: str) -> Codes:
        if found := townships.full.get(form):
            return found
        if following in SEPARATED and (found := townships.bare.get(form)):
            return found
        if not form.endswith(WRITTEN_KINDS):
            return ()
        return townships.bare.get(township_stem_of_form(form), ())

    def in_wider(self, code: str, form: str) -> Codes:
        """Return the townships of a wider division with a name of a plain kind; "" is everywhere.

        In a city, a name with another kind denotes the township as well.
        """
        found = tuple(each for each in self._everywhere.get(form, ()) if each.startswith(code))
        if found or len(code) < 4 or not form.endswith(WRITTEN_KINDS):
            return found
        stem = township_stem_of_form(form)
        return tuple(
            each
            for county in self._counties_of(code)
            for each in self._county(county).bare.get(stem, ())
        )

    def bare_in_city(self, city: str, stem: str) -> Codes:
        """Return the only township in a city or municipality with a name without its kind."""
        if len(city) != CITY_DIGITS and city not in MUNICIPALITIES:
            return ()
        found = [
            code
            for county in self._counties_of(city)
            for code in self._county(county).bare.get(stem, ())
        ]
        return tuple(found) if len(found) == 1 else ()

    def _counties_of(self, city: str) -> list[str]:
        if city not in self._cities:
            self._cities[city] = [county for county in self._lines if county.startswith(city)]
        return self._cities[city]

    def beginning_with(self, begun: str, most: int) -> list[str]:
        """Return the codes of townships of a plain kind whose names begin with a text."""
        codes: list[str] = []
        for name in islice(self._sorted_names, bisect_left(self._sorted_names, begun), None):
            if not name.startswith(begun) or len(codes) >= most:
                break
            codes += self._everywhere[name]
        return codes[:most]

    @cached_property
    def _sorted_names(self) -> list[str]:
        return sorted(self._everywhere)

    def _pairs(self, county: str) -> Iterator[tuple[str, str]]:
        line = self._lines.get(county)
        for each in line.split("|") if line else ():
            yield county + each[:3], each[3:]

    def _county(self, county: str) -> _County:
        if county not in self._counties:
            full: dict[str, Codes] = {}
            bare: dict[str, Codes] = {}
            longest: dict[str, int] = {}
            for code, name in self._pairs(county):
                for form in full_township_forms(name):
                    full[form] = (*full.get(form, ()), code)
                    longest[form[0]] = max(longest.get(form[0], 0), len(form) + len("街道"))
                if stem := township_stem(name):
                    bare[stem] = (*bare.get(stem, ()), code)
                    if county.endswith("00") and name.endswith("街道"):
                        full.setdefault(
                            f"{stem}区", (code,)
                        )  # 东莞市南城区: the city has no districts
            found = _County(full, bare, longest)
            if not full:
                return found  # unknown counties are not remembered: their number has no bound
            self._counties[county] = found
        return self._counties[county]
