"""A chance for newcomers: a bonus that orders, and never shows.

A profile that nobody has been shown yet could lose for ever to equals that came before it, and no
outcome would ever say whether it should. So a list is ordered by the score plus a bonus for what
is not yet known of a worker, the width of a confidence bound (Auer, Cesa-Bianchi and Fischer,
Machine Learning 47, 2002), which shrinks with the root of the exposures. Its logarithm of time
is left out: the bonus then has a bound and depends on the worker alone.

    bonus = 3 points × (1 / √(1 + exposures) − 1 / √(1 + 10)) / (1 − 1 / √(1 + 10))

3 points for a worker shown to no opening, 0 from the 10th on. So nobody is ever displaced by
someone more than 3 points worse, a list loses at most 3 points a place, and the same input gives
the same order. The score that people see, its reasons and the least score stay as they are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

MOST_POINTS = 3.0
KNOWN_AFTER = 10
"""Exposures after which a worker is no newcomer any more."""
_LEAST_WIDTH = 1 / math.sqrt(1 + KNOWN_AFTER)


def bonus(exposures: int) -> float:
    """Points that a worker shown to this many openings is moved up by."""
    width = 1 / math.sqrt(1 + max(0, exposures))
    return MOST_POINTS * max(0.0, (width - _LEAST_WIDTH) / (1 - _LEAST_WIDTH))


def explored(scores: Sequence[float], exposures: Sequence[int]) -> list[float]:
    """What to order or assign by, in the order given: each score with its worker's bonus.

    `exposures` is to how many openings each worker has been shown (has, or had, a match with), by
    choice of the caller of late. Raises ValueError when the two are not of one length.
    """
    return [score + bonus(seen) for score, seen in zip(scores, exposures, strict=True)]
