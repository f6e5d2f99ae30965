"""Precedents: placements of people with like skills in like work, as bounded points of a score.

A worker is described by skills of the shipped vocabulary and by groups of the occupations that the
skills name; an opening by groups of its occupations. A model holds points for pairs of such items,
and nothing about a person. The points of a pair of worker and opening are the sum over its pairs of
items, scaled by their numbers as in a cosine.

Only keys of shipped vocabularies are items. Names, ages, places, households and free text have no
way in, in any spelling.

Source: Ning and Karypis, "SLIM: Sparse Linear Methods for Top-N Recommender Systems", ICDM 2011;
Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019 (EASE).
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias

from matcher.features import OpeningFeatures, WorkerFeatures
from roost.rules.rounded_counts import FEW
from roost.text import skill_names
from roost.text.taxonomy import groups

MOST_POINTS = 8.0
"""Most points of one pair."""
MOST_SHARE = 0.2
"""Most points of a pair, as a share of its score by content."""
LEAST_PEOPLE = FEW
"""Least number of people behind any number of a model."""
MOST_LIFT = 100.0
"""Largest absolute value of a lift, in points."""
DIGITS = 2
"""Decimals of a lift."""
METHOD = "precedents-1"
"""Version of the method; it begins the version of every model."""

Pair: TypeAlias = tuple[str, str]
"""Item of a worker, item of an opening."""


@dataclass(frozen=True, slots=True)
class Lift:
    """The addition for one item of a worker and one of an opening."""

    points: float
    """Points of the score that make up for the difference in outcomes; they may be negative."""
    placed: int
    """Number of such people placed in such work, rounded down to a bucket; 0 if few."""


@dataclass(frozen=True, slots=True)
class Precedent:
    """The addition to one pair, and the placements that explain it."""

    points: float
    skill: str
    """Item of the worker with the largest lift among those with enough placements."""
    placed: int
    """Number of people with that item placed in such work, rounded down."""


@dataclass(frozen=True, slots=True)
class Precedents:
    """A model of outcomes: lifts by (item of a worker, item of an opening)."""

    version: str = ""
    """Version of the model; empty without one."""
    lifts: Mapping[Pair, Lift] = field(default_factory=dict, hash=False)

    def of(self, opening: OpeningFeatures, worker: WorkerFeatures) -> Precedent | None:
        """Return what precedents add to a pair; None if they add nothing."""
        return self.between(skill_items(worker), work_items(opening)) if self.lifts else None

    def between(self, skills: Sequence[str], work: Sequence[str]) -> Precedent | None:
        """Return what precedents add to a pair with these items; None if they add nothing.

        Without enough placements that explain the points, there are none.
        """
        pairs = ((skill, self.lifts.get((skill, kind))) for skill in skills for kind in work)
        found = [(skill, lift) for skill, lift in pairs if lift is not None]
        shown = [each for each in found if each[1].placed and each[1].points > 0]
        if not shown:
            return None
        total = math.fsum(lift.points for _, lift in found)
        points = round(min(MOST_POINTS, total * scale(skills, work)), 1)
        if points <= 0:
            return None
        skill, best = min(shown, key=lambda each: (-each[1].points, each[0]))
        return Precedent(points, skill, best.placed)


NO_PRECEDENTS = Precedents()


def versioned_precedents(lifts: Mapping[Pair, Lift]) -> Precedents:
    """Return a model of these lifts; the version is a hash of them."""
    if not lifts:
        return NO_PRECEDENTS
    ordered = {pair: lifts[pair] for pair in sorted(lifts)}
    content = json.dumps([[*pair, each.points, each.placed] for pair, each in ordered.items()])
    digest = hashlib.blake2b(content.encode(), digest_size=4).hexdigest()
    return Precedents(f"{METHOD}+{digest}", ordered)


def scale(skills: Sequence[str], work: Sequence[str]) -> float:
    """Return the factor by which a pair's lifts are added: 1 / √(number of its pairs of items)."""
    return 1 / math.sqrt(len(skills) * len(work))


def bounded(points: float, content: float) -> float:
    """Return points within the bounds that a score by content, 0 to 100, leaves."""
    return max(0.0, min(points, MOST_SHARE * content, 100 - content))


def skill_items(worker: WorkerFeatures) -> tuple[str, ...]:
    """Return the items of a worker: known skills, and groups of occupations that skills name."""
    known = _skill_items()
    named = (skill_names.one_name(skill) for skill in worker.skills)
    return tuple(
        dict.fromkeys((*(each for each in named if each in known), *_groups(worker.abilities)))
    )


def work_items(opening: OpeningFeatures) -> tuple[str, ...]:
    """Return the items of an opening: the groups of its occupations."""
    return tuple(dict.fromkeys(_groups(opening.occupations)))


@cache
def vocabulary() -> tuple[frozenset[str], frozenset[str]]:
    """Return all items that a worker can have, and all that an opening can have."""
    work = frozenset(groups().values())
    return _skill_items() | work, work


@cache
def _skill_items() -> frozenset[str]:
    return frozenset(skill_names.KEYED + row["key"] for row in skill_names.rows())


def _groups(occupations: Sequence[str]) -> list[str]:
    known = groups()
    return [known[key] for key in occupations if key in known]
