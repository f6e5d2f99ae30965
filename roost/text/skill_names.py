"""Skills by any name: 砌墙, 砌砖 and bricklaying are one, 电焊 and 手工电弧焊 are 焊接.

Names are those of `data/taxonomy/skills.csv` and nothing near to them: only a text that is a name
has a key, or one that is after words of how well it is known (熟练使用Excel, experience in
welding). What has none is only itself.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from importlib.resources import files

from roost.text.tokens import CJK, folded, normal_skill

REMEMBERED = 50_000
"""Texts whose key is kept: the same skills come in pair after pair."""
KEYED = "skill/"
"""Before a key. `normal_skill` leaves no `/` in a text, so nobody can write what looks like one."""

_BESIDE_HAN = re.compile(rf" (?={CJK.pattern})|(?<={CJK.pattern}) ")
_HOW_WELL = re.compile(
    r"(?:会|能|懂|(?:熟练|熟悉|精通|掌握|擅长)地?|使用|操作|运用)(?=.)"
    r"|(?:good|strong|solid|excellent|proven|at)\s+"
    r"|(?:(?:knowledge|command)\s+of|(?:experienced?|proficien(?:t|cy)|skilled)\s+(?:in|with|at)"
    r"|familiar(?:ity)?\s+with)\s+"
)
"""One word at the beginning that says how well a skill is known, not which."""


def rows() -> Iterator[dict[str, str]]:
    """The vocabulary as it stands: `key`, `label_zh`, `label_en`, and `names` split by `|`."""
    path = files("roost") / "data" / "taxonomy" / "skills.csv"
    with path.open(encoding="utf-8") as lines:
        yield from csv.DictReader(lines)


def names_in(row: dict[str, str]) -> list[str]:
    """Every name of a row, its labels first."""
    return list(dict.fromkeys((row["label_zh"], row["label_en"], *row["names"].split("|"))))


@lru_cache(maxsize=REMEMBERED)
def skill_key(text: str) -> str | None:
    """The key of the skill that a text names; None when it names none that is known."""
    known, plain = _keys(), spelling(text)
    while plain not in known and (said := _HOW_WELL.match(plain)):
        plain = plain[said.end() :]
    return known.get(plain)


@lru_cache(maxsize=REMEMBERED)
def one_name(skill: str) -> str:
    """What all names of a skill have in common: its key after `KEYED`, else the text as it is."""
    key = skill_key(skill)
    return skill if key is None else KEYED + key


def with_one_names(skills: Iterable[str]) -> list[str]:
    """Skills as said, and after them what all their names have in common; each once."""
    said = list(skills)
    return list(dict.fromkeys((*said, *map(one_name, said))))


def commonest(said: Mapping[str, int]) -> str:
    """Of the names that a skill was called by, with how often, the most usual."""
    return min(said, key=lambda name: (-said[name], name))


def called(skills: Iterable[str]) -> dict[str, str]:
    """For every skill (`one_name`) the most usual of the names that it is called by here."""
    said: dict[str, Counter[str]] = defaultdict(Counter)
    for skill in skills:
        said[one_name(skill)][skill] += 1
    return {skill: commonest(names) for skill, names in said.items()}


def spelling(text: str) -> str:
    """A name so that case, width, number, hyphens, and spaces beside Chinese keep no two apart."""
    return _BESIDE_HAN.sub("", normal_skill(folded(text).replace("-", " ")))


@cache
def _keys() -> dict[str, str]:
    return {spelling(name): row["key"] for row in rows() for name in names_in(row)}
