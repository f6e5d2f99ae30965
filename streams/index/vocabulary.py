"""Choice of the texts whose vectors may be cached on disk: vocabulary, not a person's own words.

The texts of openings are public. A text of a profile is vocabulary once an opening or another
profile uses it; until then its vectors stay in memory, so an erasure leaves nothing behind. Longer
texts, and those that look like a number or an address, are never cached on disk.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from matcher import features
from roost.events.opening import Opening
from roost.events.profile import Profile

LONGEST = 60
"""Characters of a cached text."""
MOST_PENDING = 100_000
"""Texts of a single profile that are remembered, as hashes, until another one uses them."""
_PRIVATE = re.compile(r"\d[\d\s-]{4,}|@|://")


class SharedVocabulary:
    """The short texts of profiles and the first person that used each, as hashes in memory."""

    def __init__(self, most_pending: int = MOST_PENDING) -> None:
        self._first: dict[int, int] = {}
        self._most_pending = most_pending

    def of(self, events: Iterable[Any]) -> list[str]:
        """Return the texts of openings, and those of profiles that another person used before."""
        found: dict[str, None] = {}
        for event in events:
            if isinstance(event, Opening):
                found |= dict.fromkeys(_short_terms(features.opening_texts(event)))
            elif isinstance(event, Profile):
                terms = _short_terms(features.worker_texts(event))
                found |= dict.fromkeys(each for each in terms if self._is_shared(each, event.id))
        while len(self._first) > self._most_pending:
            del self._first[next(iter(self._first))]
        return list(found)

    def _is_shared(self, term: str, person: str) -> bool:
        return self._first.setdefault(hash(term), hash(person)) != hash(person)


def _short_terms(texts: Iterable[str]) -> list[str]:
    """Return the texts that are short and hold neither a long number nor an address."""
    return [text for text in texts if 0 < len(text) <= LONGEST and not _PRIVATE.search(text)]
