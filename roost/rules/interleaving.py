"""The order of a list in which one employer's entries do not follow one another. Pure.

Entries keep the order of their scores apart from a band within which a difference means nothing: an
entry moves up past others of at most `NEAR` points more, and only to part two of one employer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

NEAR = 5.0
"""Difference in points within which two matches are about as good."""
T = TypeVar("T")


def interleaved(
    items: Sequence[T],
    score_of: Callable[[T], float],
    employer_of: Callable[[T], str | None],
    near: float = NEAR,
) -> list[T]:
    """Return the items, ordered by descending score, with employers mixed within near scores.

    The next item is the best one of another employer than the last, if it lacks at most `near`
    points to the best one left; else the best one left. An item that was passed over goes first as
    soon as it can. Equal input gives equal output. Unknown employers all differ.
    """
    left = list(items)
    placed: list[T] = []
    last: str | None = None
    while left:
        best = score_of(left[0])
        index = next(
            (
                number
                for number, each in enumerate(left)
                if best - score_of(each) <= near and _differs(employer_of(each), last)
            ),
            0,
        )
        chosen = left.pop(index)
        placed.append(chosen)
        last = employer_of(chosen)
    return placed


def _differs(employer: str | None, last: str | None) -> bool:
    return employer is None or employer != last
