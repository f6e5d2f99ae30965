"""Counts rounded down to buckets, so that no count singles out a person. Pure."""

from __future__ import annotations

FEW = 5
"""Smallest number shown; all smaller ones are shown as 0."""
STEPS = ((20, 5), (100, 10), (1_000, 50))
"""Below each bound, the step that counts are rounded down to; above, two digits remain."""


def bucket(number: int) -> int:
    """Round a count down to the start of its bucket; below `FEW` there is one bucket, 0."""
    if number < FEW:
        return 0
    step = next((step for below, step in STEPS if number < below), 0)
    step = step or 10 ** (len(str(number)) - 2)
    return number // step * step
