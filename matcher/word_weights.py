"""Weights of words and of skills, by their rarity in descriptions of work.

Names of occupations are too short to tell which words are common: 负责, 沟通 and 能力 hardly occur
in them. The IDF used here comes from descriptions of occupations (`data/words/descriptions.tsv`).

Source: Spärck Jones, "A statistical interpretation of term specificity and its application in
retrieval", Journal of Documentation 28 (1972).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

import yaml

from roost.text.tokens import folded, tokens

LEAST_DESCRIPTIONS = 4
"""Least number of descriptions with a word; rarer words are not stored."""
TYPICAL_IDF = 6.0
"""Mean IDF of the words of a usual skill, whose weight is 1."""
GENERIC = 0.4
"""Factor of the weight of an ability that any work may ask for: 沟通能力, Excel."""


def skill_weight(skill: str) -> float:
    """Return the weight of a skill: about 1, less if its words are common; 0 without a word."""
    found = tokens(skill)
    if not found:
        return 0.0
    weight = sum(map(idf, found)) / len(found) / TYPICAL_IDF
    return round(weight * (GENERIC if folded(skill) in _generic() else 1), 3)


def word_weights(texts: Iterable[str], most: int) -> dict[str, float]:
    """Return the weights of the heaviest words of all texts as parts of a unit vector.

    Repeats count by their logarithm. The weights are rounded, so that they are reproducible.
    """
    counts = Counter(token for text in texts for token in tokens(text))
    weights = {token: (1 + math.log(count)) * idf(token) for token, count in counts.items()}
    length = math.sqrt(math.fsum(weight * weight for weight in weights.values()))
    heaviest = sorted(weights, key=lambda token: (-weights[token], token))[:most]
    return {token: round(weights[token] / length, 4) for token in heaviest}


def idf(token: str) -> float:
    """Return the IDF of a word among descriptions."""
    total, counts = _descriptions()
    return math.log((total + 1) / (counts.get(token, 0) + 1)) + 1


@cache
def _generic() -> frozenset[str]:
    """Return the names of abilities that any work may ask for."""
    path = files("roost") / "data" / "words" / "generic_skills.yaml"
    lists = yaml.safe_load(path.read_text(encoding="utf-8"))
    return frozenset(word.replace("_", " ") for words in lists.values() for word in words.split())


@cache
def _descriptions() -> tuple[int, Mapping[str, int]]:
    """Return the number of descriptions, and of those with each stored word."""
    path = files("roost") / "data" / "words" / "descriptions.tsv"
    total, *lines = path.read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return int(total), {token: int(count) for count, token in rows}
