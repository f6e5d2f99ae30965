"""How much each part of a score counts. Learned weights have the same shape as these.

Shares of the worker's side and of the employer's side, each side at most 1; what is not given to
a circumstance is earned by the fit alone. A weight below 0, or circumstances of one side that
weigh more than 1 together, would turn a better part into a worse score: they are refused.
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

    def __post_init__(self) -> None:
        around = (self.wage, self.nearness, self.comfort)
        asked = (self.experience, self.education)
        if min(*around, *asked, self.skills) < 0 or max(sum(around), sum(asked), self.skills) > 1:
            raise ValueError(f"The weights {self.version} are not shares of two sides")


STATED = Weights()
"""The weights that hold until outcomes teach better ones. A change of them, or of what a part
means, is another version."""
