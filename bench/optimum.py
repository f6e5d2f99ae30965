"""The best total there is, exactly, for cases small enough: scipy's linear_sum_assignment.

An opening has several places and a worker several units, and no pair may be taken twice. So every
pair gets a row and a column of its own beside the places (rows) and units (columns): it is taken
when a place meets its column and its row meets a unit of its worker, and not taken when its own
row and column meet. Every row of a pair has to be met, which a bonus above any score sees to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from matcher.assignment import Pair


def optimum(
    pairs: Sequence[Pair], places: Mapping[str, int], shares: Mapping[str, int]
) -> list[Pair]:
    """The pairs with the greatest total score; dense, so in the square of pairs and places."""
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
    """For every id the rows (or columns) that stand for its capacity."""
    slots, at = {}, 0
    for id in sorted(ids):
        slots[id] = range(at, at + capacity[id])
        at += capacity[id]
    return slots
