"""Use cases of the vocabulary: the skills and occupations that a half-typed text may mean."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache

from api.vocabulary.schemas import TermFound, TermsFound
from roost.text.name_suggesting import NameSuggester, Term
from roost.text.skill_names import names_in, rows
from roost.text.taxonomy import taxonomy


async def suggest_skills(text: str, most: int) -> TermsFound:
    """Return the skills that a text may mean, the likeliest first."""
    return await asyncio.to_thread(_suggested, _skills, text, most)


async def suggest_occupations(text: str, most: int) -> TermsFound:
    """Return the occupations that a text may mean, the likeliest first."""
    return await asyncio.to_thread(_suggested, _occupations, text, most)


def _suggested(suggester: Callable[[], NameSuggester], text: str, most: int) -> TermsFound:
    found = suggester().suggest(text, most)
    return TermsFound(items=[TermFound(key=each.key, name=each.names[0]) for each in found])


@cache
def _skills() -> NameSuggester:
    """Return the suggester of the vocabulary of skills; it is built once."""
    found = []
    for row in rows():
        names = names_in(row)
        for label in (row["label_zh"], row["label_en"]):
            same = (each for each in names if each.isascii() is label.isascii())
            found.append(Term(row["key"], tuple(dict.fromkeys((label, *same)))))
    return NameSuggester(found)


@cache
def _occupations() -> NameSuggester:
    """Return the suggester of the taxonomy's occupations; it is built once."""
    return NameSuggester(Term(each.key, each.names) for each in taxonomy().occupations)
