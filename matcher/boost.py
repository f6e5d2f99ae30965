"""Priority for registered households (建档立卡户): stated, bounded, consented to, and auditable.

At most `BOOST` points, within the 100, for workshops and work near home only, and only for a pair
that fits without it. `displacements` tells whom it moved and whom it moved aside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BOOST = 5.0
NEAR_HOME_WORK = "workshop"


@dataclass(frozen=True, slots=True)
class Move:
    """A candidate whom the boost moved: ranks from 1; None where the list does not hold them."""

    id: str
    without: int | None
    with_boost: int | None


@dataclass(frozen=True, slots=True)
class Displacements:
    raised: tuple[Move, ...] = ()
    displaced: tuple[Move, ...] = ()

    @property
    def gained(self) -> tuple[str, ...]:
        """Who is in the list only with the boost: theirs, or a place that it set free."""
        return tuple(move.id for move in self.raised if move.without is None)

    @property
    def lost(self) -> tuple[str, ...]:
        """Who would be in the list without the boost, and is not."""
        return tuple(move.id for move in self.displaced if move.with_boost is None)


def points(mutual: float) -> float:
    """What the boost adds to a score that is entitled to it."""
    return min(BOOST, 100 - mutual) if mutual >= BOOST else 0.0


def displacements(with_boost: Sequence[str], without: Sequence[str]) -> Displacements:
    """Compares two rankings of the same candidates (ids, best first), cut at the same length."""
    ranks = {id: at for at, id in enumerate(with_boost, 1)}
    before = {id: at for at, id in enumerate(without, 1)}
    beyond = max(len(ranks), len(before)) + 1
    moves = [
        Move(id, before.get(id), ranks.get(id)) for id in dict.fromkeys((*with_boost, *without))
    ]
    return Displacements(
        raised=tuple(m for m in moves if (m.with_boost or beyond) < (m.without or beyond)),
        displaced=tuple(m for m in moves if (m.with_boost or beyond) > (m.without or beyond)),
    )
