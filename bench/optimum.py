"""The exact optimum of an assignment, for small cases: scipy's linear_sum_assignment.

An opening has several places and a worker several units, and no pair may be taken twice. Every pair
therefore has its own row and column in addition to the places (rows) and units (columns). The pair
is taken when a place meets the pair's column and the pair's row meets a unit of its worker. It is
not taken when its own row and column meet. A bonus above any score makes sure that every row of a
pair is assigned.

Source: Crouse, "On implementing 2D rectangular assignment algorithms", IEEE TAES 52 (2016).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from matcher.assignment import Pair


def optimum(
    pairs: Sequence[Pair], places: Mapping[str, int], shares: Mapping[str, int]
) -> list[Pair]:
    """Return the pairs with the greatest total score.

    The matrix is dense: memory grows with the square of pairs plus places.
    """
    pairs = [
        pair
        for pair in pairs
        if places.get(pair.opening_id, 0) > 0 and shares.get(pair.worker_id, 0) > 0
    ]
    if not pairs:
        return []
    rows = _slots({pair.opening_id for pair in pairs}, places)
    columns = _slots({pair.worker_id for pair in pairs}, shares)
    slots, units = sum(map(len, rows.values())), sum(map(len, columns.values()))
    bonus = 1 + max(pair.score for pair in pairs)
    values = np.zeros((slots + len(pairs), units + len(pairs)))
    for at, pair in enumerate(pairs):
        values[rows[pair.opening_id], units + at] = pair.score
        values[slots + at, columns[pair.worker_id]] = bonus
        values[slots + at, units + at] = bonus
    chosen = linear_sum_assignment(values, maximize=True)
    return [
        pairs[column - units]
        for row, column in zip(*chosen, strict=True)
        if row < slots and column >= units and values[row, column] > 0
    ]


def _slots(ids: set[str], capacity: Mapping[str, int]) -> dict[str, range]:
    """Return for every id the rows (or columns) of its capacity."""
    slots, at = {}, 0
    for id in sorted(ids):
        slots[id] = range(at, at + capacity[id])
        at += capacity[id]
    return slots
