"""Skills that a text names, by any name of the vocabulary `data/taxonomy/skills.csv`.

Chinese names are found by their first two characters, the longest first; Latin names by whole
words. A name that belongs to something else (焊接车间, 焊接设备公司) is none.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache

from roost.extraction.extracted import Field, Span
from roost.text.skill_names import names_in, rows, spelling

_HAN = re.compile(r"[\u4e00-\u9fff]")
_WORDS = re.compile(r"[A-Za-z][A-Za-z0-9+#.'’/-]*[A-Za-z0-9+#]|[A-Za-z][+#]*")
_OF_OTHERS = re.compile(
    r"车间|厂|公司|集团|行业|班组|部门|专业|产品|设备|材料|机械|工具|学校|中心|店|证|资格|培训|"
    r"课程|岗位|企业|"
    r"市场|协会|工程师证|费|补贴|区|平摊|均摊|分摊|自理|全免"
)
"""Words after a name with which it names a place, a thing or a licence."""
_NOT_SKILLS = frozenset({"招聘", "招工", "招人"})
"""Names of skills that advertisements use of themselves."""
MOST_WORDS = 5
"""Words of the longest Latin name."""


def skills_in(text: str) -> Iterator[Span]:
    """Yield the skills that a plain text names, in order, none within another."""
    yield from _chinese(text)
    yield from _latin(text)


def _chinese(text: str) -> Iterator[Span]:
    names, at = _names()[0], 0
    while at < len(text) - 1:
        name = next(
            (each for each in names.get(text[at : at + 2], ()) if text.startswith(each, at)), ""
        )
        if name and name not in _NOT_SKILLS and not _OF_OTHERS.match(text, at + len(name)):
            yield Span(Field.SKILLS, name, at, at + len(name))
        at += len(name) or 1


def _latin(text: str) -> Iterator[Span]:
    names = _names()[1]
    words = list(_WORDS.finditer(text))
    at = 0
    while at < len(words):
        for last in range(min(at + MOST_WORDS, len(words)) - 1, at - 1, -1):
            start, end = words[at].start(), words[last].end()
            name = text[start:end]
            if "\n" not in name and spelling(name) in names and _is_skill(text, start, end):
                yield Span(Field.SKILLS, name, start, end)
                at = last
                break
        at += 1


def _is_skill(text: str, start: int, end: int) -> bool:
    """Return whether a Latin name is meant as a skill.

    Names of several words and proper names (Excel, AutoCAD) are. A common word (delivery, security)
    is only one near a word of proficiency.
    """
    name = text[start:end]
    if spelling(name) in _COMMON:
        return False
    if (
        " " in name.strip()
        or (not name.islower() and name[1:] != name[1:].lower())
        or _is_tool(name)
    ):
        return True
    before, after = text[max(0, start - NEAR) : start], text[end : end + 20]
    clause = _SENTENCE.split(before)[-1]
    return bool(_PROFICIENT.search(clause) or _FOLLOWED.match(after))


NEAR = 70
"""Characters before a common word in which proficiency is searched."""
_SENTENCE = re.compile(r"[.;!?\n]")
_PROFICIENT = re.compile(
    r"\b(?:experienced?|skilled|skills?|proficien\w+|knowledge|familiar\w*|ability|able to|know|"
    r"knows|background|competen\w+|expertise|trained|duties|responsible for)\b",
    re.IGNORECASE,
)
_FOLLOWED = re.compile(r"\s+(?:skills?|experience|abilit(?:y|ies)|knowledge)\b", re.IGNORECASE)
_COMMON = frozenset(
    (
        *("office", "computer", "word", "administration", "report", "reporting", "communication"),
        *("hiring", "recruitment", "security", "delivery", "training", "management"),
    )
)
"""Names that nearly always mean something else in an advertisement."""
_TOOLS = frozenset(
    (
        *("excel", "powerpoint", "autocad", "cad", "photoshop", "python", "java", "sql", "erp"),
        *("cnc", "plc", "crm", "sap", "quickbooks", "wordpress", "linux", "javascript", "html"),
    )
)


def _is_tool(name: str) -> bool:
    """Return whether a name is that of a program or machine, written as one."""
    return name.casefold() in _TOOLS and name != name.lower()


@cache
def _names() -> tuple[dict[str, list[str]], frozenset[str]]:
    """Return the Chinese names by their first two characters, longest first, and the Latin ones."""
    chinese: dict[str, set[str]] = defaultdict(set)
    latin: set[str] = set()
    for row in rows():
        for name in names_in(row):
            if _HAN.search(name):
                if len(name) > 1:
                    chinese[name[:2]].add(name)
            elif len(name) > 2 or not name.isalpha():
                latin.add(spelling(name))
    by_start = {each: sorted(found, key=len, reverse=True) for each, found in chinese.items()}
    return by_start, frozenset(latin)
