"""Skills by any of their names: 砌墙, 砌砖 and bricklaying are one, 电焊 and 手工电弧焊 are 焊接.

A text has a key only if it equals a name in `data/taxonomy/skills.csv`, apart from leading words
of proficiency (熟练使用Excel, experience in welding). Approximate matches have none. A text
without a key equals only itself.
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
"""Size of the cache of keys; the same skills occur in many pairs."""
KEYED = "skill/"
"""Prefix of keys. `normal_skill` removes `/` from texts, so no text looks like a key."""

_NEXT_TO_HAN = re.compile(rf" (?={CJK.pattern})|(?<={CJK.pattern}) ")
_HOW_WELL = re.compile(
    r"(?:会|能|懂|(?:熟练|熟悉|精通|掌握|擅长)地?|使用|操作|运用)(?=.)"
    r"|(?:good|strong|solid|excellent|proven|at)\s+"
    r"|(?:(?:knowledge|command)\s+of|(?:experienced?|proficien(?:t|cy)|skilled)\s+(?:in|with|at)"
    r"|familiar(?:ity)?\s+with)\s+"
)
"""Leading word of proficiency, which does not name the skill."""


def rows() -> Iterator[dict[str, str]]:
    """Yield the rows of the vocabulary: `key`, `label_zh`, `label_en`, `names` separated by `|`."""
    path = files("roost") / "data" / "taxonomy" / "skills.csv"
    with path.open(encoding="utf-8") as lines:
        yield from csv.DictReader(lines)


def names_in(row: dict[str, str]) -> list[str]:
    """Return all names of a row, labels first."""
    return list(dict.fromkeys((row["label_zh"], row["label_en"], *row["names"].split("|"))))


@lru_cache(maxsize=REMEMBERED)
def skill_key(text: str) -> str | None:
    """Return the key of the skill that a text names; None for an unknown skill."""
    known, longest = _keys()
    plain, at = spelling(text), 0
    while len(plain) - at > longest or plain[at:] not in known:
        proficiency = _HOW_WELL.match(plain, at)
        if proficiency is None:
            return None
        at = proficiency.end()
    return known[plain[at:]]


@lru_cache(maxsize=REMEMBERED)
def one_name(skill: str) -> str:
    """Return the common name of all names of a skill: `KEYED` and its key, else the text itself."""
    key = skill_key(skill)
    return skill if key is None else KEYED + key


def with_one_names(skills: Iterable[str]) -> list[str]:
    """Return the skills as written, followed by their common names, without duplicates."""
    written = list(skills)
    return list(dict.fromkeys((*written, *map(one_name, written))))


def commonest(uses: Mapping[str, int]) -> str:
    """Return the most frequent of the names of a skill; `uses` counts them."""
    return min(uses, key=lambda name: (-uses[name], name))


def commonest_names(skills: Iterable[str]) -> dict[str, str]:
    """Return the most frequent name of every skill, by its common name (`one_name`)."""
    uses: dict[str, Counter[str]] = defaultdict(Counter)
    for skill in skills:
        uses[one_name(skill)][skill] += 1
    return {skill: commonest(names) for skill, names in uses.items()}


def spelling(text: str) -> str:
    """Return a name without differences of case, width, number, hyphens and spaces near Chinese."""
    return _NEXT_TO_HAN.sub("", normal_skill(folded(text).replace("-", " ")))


@cache
def _keys() -> tuple[dict[str, str], int]:
    """Return the key of each name, and the length of the longest name."""
    keys = {spelling(name): row["key"] for row in rows() for name in names_in(row)}
    return keys, max(map(len, keys))
