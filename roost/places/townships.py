"""Townships and streets of China (level 4), parsed county by county on first use.

The file has a line for each county: its code, a space, and `<three digits><name>` for each of its
townships, separated by `|`. Until a county is used, only its line is in memory: 2 MB for China.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib.resources.abc import Traversable
from typing import NamedTuple

from roost.places.name_forms import BARE_RANK, township_forms


class TownshipForm(NamedTuple):
    """Form of townships' names: the codes that it denotes, and whether it states the kind."""

    codes: tuple[str, ...]
    full: bool


Forms = Mapping[str, TownshipForm]
_NAMED = re.compile(r"(\d{3})([^|]+)")
_PLAIN_KIND = re.compile(r"(?:镇|乡|街道|苏木)$")


class Townships:
    """Level-4 divisions of one scheme, by code and by name within a division."""

    def __init__(self, path: Traversable) -> None:
        self._path = path
        self._names: dict[str, dict[str, str]] = {}
        self._forms: dict[str, Forms] = {}
        self._full: dict[str, Forms] = {}

    @cached_property
    def _lines(self) -> dict[str, str]:
        lines = self._path.read_text(encoding="utf-8").splitlines()
        return dict(line.split(" ", 1) for line in lines)

    def name(self, code: str) -> str | None:
        """Return the name of a township by its nine digits; None if no township has the code."""
        return self.names_in(code[:6]).get(code) if len(code) == 9 else None

    def names_in(self, county: str) -> Mapping[str, str]:
        """Return the names of a county's townships, by code."""
        found = self._names.get(county)
        if found is None:
            line = self._lines.get(county, "")
            found = {county + digits: name for digits, name in _NAMED.findall(line)}
            if line:  # unknown counties are not remembered: their number has no bound
                self._names[county] = found
        return found

    def within(self, code: str) -> Iterator[str]:
        """Yield the codes of all townships in a province, a city or a county."""
        for county in self.counties(code):
            yield from self.names_in(county)

    def counties(self, code: str) -> list[str]:
        """Return the counties with townships in a division; all of them for an empty code."""
        if len(code) == 6:
            return [code] if code in self._lines else []
        return [county for county in self._lines if county.startswith(code)]

    def only_county(self, code: str) -> str | None:
        """Return a county's own code, or that of the only county in a city (东莞); else None."""
        if len(code) == 6:
            return code
        repeated = f"{code}00"
        return repeated if len(code) == 4 and repeated in self._lines else None

    def forms_in(self, county: str) -> Forms:
        """Return all forms of the names of a county's townships."""
        if county not in self._forms:
            self._forms[county] = _collect(self.names_in(county), short=True)
        return self._forms[county]

    def full_forms_in(self, code: str) -> Forms:
        """Return the names that end with 镇, 乡, 街道 or 苏木 in a wider division or everywhere."""
        if code not in self._full:
            merged: dict[str, TownshipForm] = {}
            for county in self.counties(code):
                for form, found in _collect(self.names_in(county), short=False).items():
                    if _PLAIN_KIND.search(form):
                        before = merged[form].codes if form in merged else ()
                        merged[form] = TownshipForm(before + found.codes, True)
            self._full[code] = merged
        return self._full[code]


def _collect(names: Mapping[str, str], *, short: bool) -> Forms:
    """Return the forms of some names; a form denotes those that bear it with the lowest rank."""
    ranked: dict[str, tuple[int, list[str]]] = {}
    for code, name in names.items():
        for rank, form in township_forms(name, short=short):
            lowest, codes = ranked.get(form, (rank, []))
            if rank < lowest:
                ranked[form] = (rank, [code])
            elif rank == lowest and code not in codes:
                ranked[form] = (rank, [*codes, code])
    return {
        form: TownshipForm(tuple(codes), rank < BARE_RANK) for form, (rank, codes) in ranked.items()
    }
