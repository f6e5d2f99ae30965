"""Exploration bonus for newcomers: it changes the order only and is never shown.

A profile without any exposure could lose for ever to equals that came earlier, and no outcome would
ever show whether it should. A list is therefore ordered by the score plus a bonus for the
uncertainty about a worker: the width of a confidence bound, which shrinks with the square root of
the exposures. The bound's logarithm of time is left out, so that the bonus has a maximum and
depends on the worker alone.

    bonus = 3 points × (1 / √(1 + exposures) − 1 / √(1 + 10)) / (1 − 1 / √(1 + 10))

The bonus is 3 points for a worker without exposure, and 0 from the 10th on. No worker is displaced
by one more than 3 points worse, a list loses at most 3 points a place, and the same input gives the
same order. The visible score, its reasons and the least score do not change.

Points of precedents fade in the same way: without that, people whose like were placed would be
shown again and again, before others who would do as well.

Source: Auer, Cesa-Bianchi and Fischer, "Finite-time Analysis of the Multiarmed Bandit Problem",
Machine Learning 47 (2002).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

MOST_POINTS = 3.0
"""Bonus of a worker without exposure, in points."""
KNOWN_AFTER = 10
"""Exposures after which a worker gets no bonus."""
_LEAST_WIDTH = 1 / math.sqrt(1 + KNOWN_AFTER)


def bonus(exposures: int) -> float:
    """Return the bonus in points of a worker with this many exposures."""
    width = 1 / math.sqrt(1 + max(0, exposures))
    return MOST_POINTS * max(0.0, (width - _LEAST_WIDTH) / (1 - _LEAST_WIDTH))


def faded(preceded: float, exposures: int) -> float:
    """Return the points of precedents that do not count for the order: all from the 10th on."""
    return preceded * min(1.0, max(0, exposures) / KNOWN_AFTER)


def add_bonuses(
    scores: Sequence[float], exposures: Sequence[int], preceded: Sequence[float] = ()
) -> list[float]:
    """Return each score plus its worker's bonus, in the order given.

    `exposures` counts the openings with a match for each worker; the caller chooses the period.
    `preceded` are the points of the scores that precedents add; they count less with each exposure.
    Raises ValueError when the lengths differ.
    """
    lifts = preceded or [0.0] * len(scores)
    return [
        score - faded(lift, shown) + bonus(shown)
        for score, shown, lift in zip(scores, exposures, lifts, strict=True)
    ]
