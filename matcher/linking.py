"""Links from free text to occupations: 氩弧焊 and 电焊工 mean 焊工, 砌墙 is the work of a 砌筑工.

A text is rewritten as a spoken title (`spoken_title`), then matched by exact name or by the nearest
names of the taxonomy. The names of one occupation vote together: an occupation with several near
names precedes one with a single near name.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.encoders import Floats
from matcher.name_vectors import SHARED_WEIGHT, Meant, NameVectors
from roost.text.taxonomy import Occupation, Taxonomy
from roost.text.tokens import CJK, singular_words, tokens

MOST = 3
"""Most links of one text."""
REMEMBERED = 50_000
"""Texts whose links are cached, since skills and titles recur."""
AT_ONCE = 64
"""Texts compared with all names in one matrix product; bounds its memory."""

CHINESE, ENGLISH, OTHER = "chinese", "english", "other"
"""Which names a text is compared with, and in which space."""

_ASIDE = re.compile(r"\([^()]*\)")
_BUT = re.compile(r",? ?\b(?:except|excluding|including|other than|all other)\b.*$", re.IGNORECASE)
_LISTED = re.compile(r"(?:and|or)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Least:
    """Least cosine with a name, in either space; a text below it stays unlinked.

    The values are those at which a held-out name of ESCO meets another name of the same occupation
    as often (measured, see docs/matching.md).
    """

    shared: float
    english: float


TRADE = Least(shared=0.62, english=0.80)
ABILITY = Least(shared=0.75, english=0.86)
"""Threshold for skills, which are less specific than trades."""


@dataclass(frozen=True, slots=True)
class Link:
    """An occupation that a text means."""

    occupation: Occupation
    likeness: float
    """Cosine with the matched name; 1 for an exact match."""
    name: str


Embed = Callable[[Sequence[str]], Sequence[Meant | None]]
"""Embeds texts; None for a text that has no vector."""


class Linker:
    """Links texts by exact name, else by the nearest names of the taxonomy.

    Chinese, Japanese and Korean text goes to the national classification, other text to ESCO: a
    worker and an opening of one county write one language, and each language has its own standard.
    `shared` holds the vectors of all names, `english` those of ESCO's names, both in the taxonomy's
    order.
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
            self._exact[normalised_name(name)].append(at)

    def links(self, texts: Sequence[str], meant: Embed, least: Least = TRADE) -> list[list[Link]]:
        """Return the occupations that each text means, best first; none when none is near.

        `meant` embeds the texts without an exact match, all at once.
        """
        known = self._remembered
        found = {text: known[text, least] for text in texts if (text, least) in known}
        new = [text for text in dict.fromkeys(texts) if text not in found]
        links = self._found([spoken_title(text) for text in new], meant, least)
        found |= dict(zip(new, links, strict=True))
        if len(self._remembered) >= REMEMBERED:
            self._remembered.clear()
        self._remembered.update(((text, least), found[text]) for text in new)
        return [found[text] for text in texts]

    def _found(self, texts: Sequence[str], meant: Embed, least: Least) -> list[list[Link]]:
        found = [self._exact_links(text) for text in texts]
        rest = [at for at, links in enumerate(found) if not links]
        vectors = dict(zip(rest, meant([texts[at] for at in rest]) if rest else (), strict=True))
        spaces: dict[str, list[int]] = defaultdict(list)
        for at, each in vectors.items():
            if each is not None:
                spaces[_space(texts[at], each)].append(at)
        for space, asked in spaces.items():
            for start in range(0, len(asked), AT_ONCE):
                chunk = asked[start : start + AT_ONCE]
                near = self._near(space, [each for at in chunk if (each := vectors[at])], least)
                for at, links in zip(chunk, near, strict=True):
                    found[at] = links
        return found

    def _exact_links(self, text: str) -> list[Link]:
        same = dict.fromkeys(self._exact.get(normalised_name(text), ()))
        return [Link(self._known.occupations[at], 1.0, text) for at in same][:MOST]

    def _near(self, space: str, asked: Sequence[Meant], least: Least) -> list[list[Link]]:
        shared = np.stack([each.shared for each in asked])
        if space == CHINESE:
            near = self._chinese.nearest(shared, least.shared)
        elif space == ENGLISH:
            english = np.stack([each.english for each in asked if each.english is not None])
            bonus = SHARED_WEIGHT * self._others.likeness(shared)
            near = self._english.nearest(english, least.english, bonus)
        else:
            near = self._others.nearest(shared, least.shared)
        return [
            [Link(self._known.occupations[at], like, name) for at, like, name in links]
            for links in near
        ]


def _space(text: str, meant: Meant) -> str:
    """Return the names and the space in which a text is searched."""
    if CJK.search(text):
        return CHINESE
    return ENGLISH if meant.english is not None and meant.is_english else OTHER


class _Names:
    """The names of occupations in one space.

    Further occupations count as equal while they are at most `near` below the first. `together`
    weighs the mean over all names of an occupation relative to its best name.
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
        self._vectors = NameVectors(vectors)
        self._near = near
        self._together = together
        self._starts = np.flatnonzero(np.r_[True, owners[1:] != owners[:-1]])
        self._ends = np.r_[self._starts[1:], len(owners)]
        self._owners = owners[self._starts]

    def likeness(self, vectors: npt.NDArray[np.int8]) -> Floats:
        """Return the cosine of each vector with each name, (vectors, names)."""
        return self._vectors.cosines(vectors)

    def nearest(
        self, vectors: npt.NDArray[np.int8], least: float, bonus: Floats | None = None
    ) -> list[list[tuple[int, float, str]]]:
        """Return (position of the occupation, cosine with its best name, name), best first.

        One list for each vector. `bonus` is added to the likeness of each name for the order only.
        """
        extra = [None] * len(vectors) if bonus is None else bonus
        return [
            self._nearest(likeness, least, more)
            for likeness, more in zip(self.likeness(vectors), extra, strict=True)
        ]

    def _nearest(
        self, likeness: Floats, least: float, bonus: Floats | None
    ) -> list[tuple[int, float, str]]:
        best = np.maximum.reduceat(likeness, self._starts)
        fitting = np.flatnonzero(best >= least)
        if not fitting.size:
            return []
        weighed = likeness if bonus is None else likeness + bonus
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


def spoken_title(text: str) -> str:
    """Rewrite a register's heading as a spoken title.

    `Cooks, Fast Food` becomes fast food cooks, `Architects, Except Landscape and Naval` becomes
    architects, and brackets are dropped. Text in Chinese characters stays unchanged.
    """
    if CJK.search(text):
        return text
    plain = _BUT.sub("", " ".join(_ASIDE.sub(" ", text).split())).strip(" ,;")
    head, comma, kind = plain.partition(", ")
    if comma and "," not in kind and not _LISTED.match(kind):
        plain = f"{kind} {head}"
    return plain or text


def normalised_name(text: str) -> str:
    """Return a name without differences of case, width and number."""
    return singular_words(text).casefold()


def token_idf(known: Taxonomy) -> Mapping[str, float]:
    """Return the IDF of each token over occupations; all names of one form a document.

    Source: Robertson, "Understanding inverse document frequency", Journal of Documentation 60
    (2004).
    """
    frequencies = Counter(
        token
        for occupation in known.occupations
        for token in {token for name in occupation.names for token in tokens(name)}
    )
    size = len(known.occupations)
    return {
        token: round(math.log((1 + size) / (1 + count)) + 1, 4)
        for token, count in sorted(frequencies.items())
    }
