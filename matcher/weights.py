"""How much each part of a score counts. Learned weights have the same shape as these.

Shares of the worker's side and of the employer's side, each side at most 1; what is not given to
a circumstance is earned by the fit alone.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weights:
    """`version` is named on every match that was decided with them."""

    version: str = "rank-2"
    wage: float = 0.2
    nearness: float = 0.2
    comfort: float = 0.1
    skills: float = 0.6
    """Of the employer's match: skills against the fit of the occupation."""
    experience: float = 0.2
    education: float = 0.2


STATED = Weights()
"""The weights that hold until outcomes teach better ones."""
