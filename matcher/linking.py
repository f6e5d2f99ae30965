"""From free text to occupations: 氩弧焊 and 电焊工 are a 焊工, 砌墙 is what a 砌筑工 does.

A text is read as a heading is (`heading`), and met by its very name or by the nearest names of the
taxonomy. The names of one occupation speak together: an occupation whose other names are near too
comes before one that has a single name nearby.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.encoders import Floats, unit
from matcher.taxonomy import Occupation, Taxonomy
from roost.text.tokens import CJK, plural_end, singular_words, tokens

MOST = 3
BESIDE = 0.15
"""What likeness in the space of all languages counts beside that in the space of English: alike
names of one occupation come together there."""
REMEMBERED = 50_000
"""Texts whose links are kept: skills and titles come again and again."""

_ASIDE = re.compile(r"\([^()]*\)")
_BUT = re.compile(r",?\s*\b(?:except|excluding|including|other than|all other)\b.*$", re.IGNORECASE)
_LISTED = re.compile(r"(?:and|or)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Least:
    """Cosine with a name below which a text is left unlinked, in either space.

    Where a name of ESCO that is left out meets another of its own occupation as often (measured,
    see docs/matching.md).
    """

    shared: float
    english: float


TRADE = Least(shared=0.62, english=0.80)
ABILITY = Least(shared=0.75, english=0.86)
"""For a skill to name an occupation: a skill is less than a trade."""


@dataclass(frozen=True, slots=True)
class Meant:
    """A text in the space of all languages, and in that of English when it has Latin letters."""

    shared: Floats
    english: Floats | None
    is_english: bool
    """Whether the space of English is the one to look in."""


@dataclass(frozen=True, slots=True)
class Link:
    occupation: Occupation
    likeness: float
    """Cosine with the name that met; 1 for the very name."""
    name: str


class Linker:
    """Links texts by their very names, else by the nearest names of the taxonomy.

    Chinese, Japanese and Korean text goes to the national classification, other to ESCO: a
    worker and an opening of one county write one language, and each has its own standard. `shared`
    are the vectors of all names, `english` those of ESCO's names, both in the taxonomy's order.
    """

    def __init__(
        self, known: Taxonomy, shared: npt.NDArray[np.int8], english: npt.NDArray[np.int8]
    ) -> None:
        names = known.names()
        self._known = known
        national = set(known.of_scheme("zh"))
        chinese = np.array([at in national for at, _ in names])
        self._chinese = _Names([names[at] for at in np.flatnonzero(chinese)], shared[chinese], 0.06)
        others = [names[at] for at in np.flatnonzero(~chinese)]
        self._others = _Names(others, shared[~chinese], 0.06, together=0.3)
        self._english = _Names(others, english, 0.03, together=0.3)
        self._remembered: dict[tuple[str, Least], list[Link]] = {}
        self._exact: dict[str, list[int]] = defaultdict(list)
        for at, name in names:
            self._exact[spelling(name)].append(at)

    def links(
        self, text: str, meant: Callable[[str], Meant | None], least: Least = TRADE
    ) -> list[Link]:
        """The occupations that a text means, the best first; none when nothing is near.

        `meant` is asked for the vectors of what has no name: None when no vector can be made of it.
        """
        known = self._remembered.get((text, least))
        if known is None:
            known = self._found(heading(text), meant, least)
            if len(self._remembered) >= REMEMBERED:
                self._remembered.clear()
            self._remembered[text, least] = known
        return known

    def _found(self, text: str, meant: Callable[[str], Meant | None], least: Least) -> list[Link]:
        if same := self._exact.get(spelling(text)):
            very = dict.fromkeys(same)
            return [Link(self._known.occupations[at], 1.0, text) for at in very][:MOST]
        vectors = meant(text)
        if vectors is None:
            return []
        if CJK.search(text):
            near = self._chinese.nearest(vectors.shared, least.shared)
        elif vectors.english is not None and vectors.is_english:
            beside = BESIDE * self._others.likeness(vectors.shared)
            near = self._english.nearest(vectors.english, least.english, beside)
        else:
            near = self._others.nearest(vectors.shared, least.shared)
        return [Link(self._known.occupations[at], like, name) for at, like, name in near]


class _Names:
    """The names of occupations in one space.

    A second occupation is as good when it is no farther from the first than `near`; `together` is
    what the mean over all names of an occupation counts beside its best one.
    """

    def __init__(
        self,
        names: list[tuple[int, str]],
        vectors: npt.NDArray[np.int8],
        near: float,
        together: float = 0.0,
    ) -> None:
        owners = np.array([at for at, _ in names])
        self._names = [name for _, name in names]
        self._vectors = unit(vectors.astype(np.float32))
        self._near = near
        self._together = together
        self._starts = np.flatnonzero(np.r_[True, owners[1:] != owners[:-1]])
        self._ends = np.r_[self._starts[1:], len(owners)]
        self._owners = owners[self._starts]

    def likeness(self, vector: Floats) -> Floats:
        """Cosine with each name."""
        return self._vectors @ vector

    def nearest(
        self, vector: Floats, least: float, beside: Floats | None = None
    ) -> list[tuple[int, float, str]]:
        """(position of the occupation, cosine with its best name, that name), the best first.

        `beside` is added to the likeness of each name for the order alone.
        """
        likeness = self.likeness(vector)
        best = np.maximum.reduceat(likeness, self._starts)
        fitting = np.flatnonzero(best >= least)
        if not fitting.size:
            return []
        weighed = likeness if beside is None else likeness + beside
        mean = np.add.reduceat(weighed, self._starts) / (self._ends - self._starts)
        first = np.maximum.reduceat(weighed, self._starts)
        score = (first + self._together * mean) / (1 + self._together)
        fitting = fitting[score[fitting] >= score[fitting].max() - self._near]
        found = []
        for at in fitting[np.argsort(-score[fitting], kind="stable")][:MOST]:
            start, end = self._starts[at], self._ends[at]
            name = self._names[start + int(likeness[start:end].argmax())]
            found.append((int(self._owners[at]), float(best[at]), name))
        return found


def heading(text: str) -> str:
    """A title as it would be said, when it is written as a heading of a register.

    `Cooks, Fast Food` are fast food cooks, `Architects, Except Landscape and Naval` architects, and
    what stands in brackets is an aside. Text in Chinese characters is left as it is.
    """
    if CJK.search(text):
        return text
    plain = " ".join(_BUT.sub("", _ASIDE.sub(" ", text)).split()).strip(" ,;")
    head, comma, kind = plain.partition(", ")
    if comma and "," not in kind and not _LISTED.match(kind):
        plain = f"{kind} {head}"
    return plain or text


def collective(name: str) -> bool:
    """Whether a name stands for a group of occupations: `Hotel managers`, not `hotel manager`.

    ISCO-08 and the registers made after it name their groups in the plural, occupations not.
    """
    return plural_end(name)


def spelling(text: str) -> str:
    """A name so that case, width and number do not keep two from being the same."""
    return singular_words(text).casefold()


def telling(known: Taxonomy) -> Mapping[str, float]:
    """IDF of tokens over occupations, all names of one being a document (Robertson 2004)."""
    seen = Counter(
        token
        for occupation in known.occupations
        for token in {token for name in occupation.names for token in tokens(name)}
    )
    size = len(known.occupations)
    return {
        token: round(math.log((1 + size) / (1 + count)) + 1, 4)
        for token, count in sorted(seen.items())
    }
