"""Comparison of an opening's requirements before and after an edit. Pure."""

from __future__ import annotations

from roost.constraints.needs import ANY_CURRENCY, Asking


def narrows(before: Asking, after: Asking) -> bool:
    """Return whether the requirements after an edit may exclude somebody who met those before.

    Another place may exclude anybody. A higher wage, a later start, fewer licences, further shifts
    and lodging exclude nobody.
    """
    return (
        (tuple(before.places), before.point) != (tuple(after.places), after.point)
        or after.currency not in (before.currency, ANY_CURRENCY)
        or _lowers_wage(before, after)
        or after.starts_by < before.starts_by
        or not set(after.licences) <= set(before.licences)
        or _drops_shift(before, after)
        or (before.lodging and not after.lodging)
    )


def _lowers_wage(before: Asking, after: Asking) -> bool:
    """Return whether the highest wage falls, or is stated where it was to be agreed."""
    if after.wage_high is None:
        return False
    return before.wage_high is None or after.wage_high < before.wage_high


def _drops_shift(before: Asking, after: Asking) -> bool:
    """Return whether a shift is no longer offered; without stated shifts, any is."""
    if not after.shifts:
        return False
    return not before.shifts or not set(before.shifts) <= set(after.shifts)
