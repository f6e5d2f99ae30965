"""Rules of pairs that staff propose by hand, as well as those of the match stage. Pure.

The clerk decides instead of the search and the limits of a day: a pair below the least score, or
over a limit, is proposed, counted and marked. A worker may set a wish aside for one
opening. Nothing else gives way: an opening that is not open, a worker who looks for no work, and a
required licence.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from roost.events.match import MatchState, Wish

WISHES = tuple(Wish)
"""Obstacles that a worker may set aside for one opening, in the order in which they are named."""


def unwaived(obstacles: Sequence[str], waived: Collection[str]) -> list[str]:
    """Return the obstacles that remain when a worker sets these wishes aside."""
    return [each for each in obstacles if each not in waived]


def lasting(obstacles: Sequence[str]) -> list[str]:
    """Return the obstacles that no worker can set aside."""
    return unwaived(obstacles, WISHES)


def may_be_proposed(state: MatchState | None) -> bool:
    """Return whether a pair in this state may be proposed by hand; None is a pair without match.

    One that was declined or placed is never proposed again, as by the match stage.
    """
    return state is None or state is MatchState.EXPIRED
