"""From free text to occupations: 氩弧焊 and 电焊工 are a 焊工, 砌墙 is what a 砌筑工 does."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.taxonomy import Occupation, Taxonomy
from roost.text import CJK, singular_words, tokens

LEAST = 0.62
"""Cosine with a name below which a text is left unlinked."""
MOST = 3
REMEMBERED = 50_000
"""Texts whose links are kept: skills and titles come again and again."""
NEAR_BEST = 0.06
"""A second occupation is as good when it is no farther from the first than this."""


@dataclass(frozen=True, slots=True)
class Link:
    occupation: Occupation
    likeness: float
    """Cosine with the name that met; 1 for the very name."""
    name: str


class Linker:
    """Links texts by their very names, else by the nearest names of the taxonomy.

    Chinese, Japanese and Korean text goes to the national classification, other to ESCO: a
    worker and an opening of one county write one language, and each has its own standard.
    """

    def __init__(self, known: Taxonomy, vectors: npt.NDArray[np.int8]) -> None:
        names = known.names()
        self._known = known
        self._names = [name for _, name in names]
        self._owners = np.array([at for at, _ in names])
        national = set(known.of_scheme("zh"))
        is_chinese = np.array([at in national for at, _ in names])
        self._of_script = {
            chinese: (rows, vectors[rows].astype(np.float32) / 127)
            for chinese, rows in (
                (True, np.flatnonzero(is_chinese)),
                (False, np.flatnonzero(~is_chinese)),
            )
        }
        self._remembered: dict[tuple[str, float], list[Link]] = {}
        self._exact: dict[str, list[int]] = defaultdict(list)
        for at, name in names:
            self._exact[spelling(name)].append(at)

    def links(self, text: str, vector: npt.NDArray[np.int8], least: float = LEAST) -> list[Link]:
        """The occupations that a text means, the best first; none when nothing is near.

        `vector` is the model's for this text; `least` the cosine that a name must reach.
        """
        known = self._remembered.get((text, least))
        if known is None:
            known = self._found(text, vector, least)
            if len(self._remembered) >= REMEMBERED:
                self._remembered.clear()
            self._remembered[text, least] = known
        return known

    def _found(self, text: str, vector: npt.NDArray[np.int8], least: float) -> list[Link]:
        if same := self._exact.get(spelling(text)):
            return [Link(self._known.occupations[at], 1.0, text) for at in dict.fromkeys(same)][
                :MOST
            ]
        if not vector.any():
            return []
        rows, names = self._of_script[bool(CJK.search(text))]
        likeness = names @ (vector.astype(np.float32) / 127)
        # Below this the loop ends anyhow; so only a few are put in order.
        floor = max(least, float(likeness.max()) - NEAR_BEST) - 1e-6
        close = np.flatnonzero(likeness >= floor)
        best: dict[int, Link] = {}
        for row in close[np.argsort(-likeness[close], kind="stable")][: 8 * MOST]:
            near, name = float(likeness[row]), int(rows[row])
            if near < least or (best and near < next(iter(best.values())).likeness - NEAR_BEST):
                break
            owner = int(self._owners[name])
            best.setdefault(owner, Link(self._known.occupations[owner], near, self._names[name]))
        return list(best.values())[:MOST]


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
