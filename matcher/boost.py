"""Priority for registered households (建档立卡户): documented, bounded, consented and auditable.

The boost is at most `BOOST` points, within the 100. It applies only to workshops and work near
home, and only to a pair that fits without it. `displacements` lists every candidate whose rank it
changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BOOST = 5.0
NEAR_HOME_WORK = "workshop"


@dataclass(frozen=True, slots=True)
class Move:
    """A candidate whose rank the boost changed.

    Ranks start at 1; None means that the list does not contain the candidate.
    """

    id: str
    without: int | None
    with_boost: int | None


@dataclass(frozen=True, slots=True)
class Displacements:
    """All candidates that the boost moved up or down."""

    raised: tuple[Move, ...] = ()
    displaced: tuple[Move, ...] = ()

    @property
    def gained(self) -> tuple[str, ...]:
        """Candidates who are in the list only because of the boost, their own or another's."""
        return tuple(move.id for move in self.raised if move.without is None)

    @property
    def lost(self) -> tuple[str, ...]:
        """Candidates who would be in the list without the boost."""
        return tuple(move.id for move in self.displaced if move.with_boost is None)


def points_for(mutual: float) -> float:
    """Return the points that the boost adds to the score of an entitled pair."""
    return min(BOOST, 100 - mutual) if mutual >= BOOST else 0.0


def displacements(with_boost: Sequence[str], without: Sequence[str]) -> Displacements:
    """Compare two rankings of the same candidates (ids, best first), cut at the same length."""
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
