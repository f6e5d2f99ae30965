"""Division of a text into known words, the longest first; nothing unknown is passed over. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

T = TypeVar("T")
LONGEST_TEXT = 200
"""Most characters of a text that is divided."""


@dataclass(frozen=True)
class Lexicon(Generic[T]):
    """Words with their meanings; an English word counts only as a whole."""

    meanings: Mapping[str, T]

    @cached_property
    def _patterns(self) -> dict[str, re.Pattern[str]]:
        """Pattern of the words that begin with each character, the longest word first."""
        by_first: dict[str, list[str]] = defaultdict(list)
        for word in sorted(self.meanings, key=len, reverse=True):
            by_first[word[0]].append(_whole(word))
        return {first: re.compile("|".join(words)) for first, words in by_first.items()}

    def word_at(self, text: str, at: int) -> re.Match[str] | None:
        """Return the longest word at a position of a text; None if there is none."""
        pattern = self._patterns.get(text[at])
        return pattern.match(text, at) if pattern else None

    def meanings_in(self, text: str) -> list[T] | None:
        """Return the meanings of a folded text's words; None if any part of it is unknown."""
        if len(text) > LONGEST_TEXT:
            return None
        found: list[T] = []
        at = 0
        while at < len(text):
            if text[at] == " ":
                at += 1
                continue
            word = self.word_at(text, at)
            if word is None:
                return None
            found.append(self.meanings[word.group()])
            at = word.end()
        return found


def _whole(word: str) -> str:
    """Return the pattern of a word, of an English one only as a whole."""
    before = "(?<![a-z])" if word[0].isascii() and word[0].isalpha() else ""
    after = "(?![a-z])" if word[-1].isascii() and word[-1].isalpha() else ""
    return before + re.escape(word) + after
