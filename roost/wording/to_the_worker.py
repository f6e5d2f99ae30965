"""Reasons of a match as they are said to the worker whom they are about. Pure."""

from __future__ import annotations

FOR_THE_WORKER = (
    ("与求职意向", "与您想做的工作"),
    ("the work wanted", "the work you want"),
    ("they live", "you live"),
)
"""Words of reasons about a worker, and those with which they speak to the worker."""


def to_the_worker(reason: str) -> str:
    """Return a reason as it is said to the worker whom it is about."""
    for about, to in FOR_THE_WORKER:
        reason = reason.replace(about, to)
    return reason
