"""Weights of the score's parts, and the precedents that add to it; learned ones have this shape.

They are shares of the worker's side and of the employer's side, each at most 1. The fit alone earns
the rest of a side. A weight below 0, or circumstances of one side that add up to more than 1, would
turn a better part into a worse score and are refused.
"""

from __future__ import annotations

from dataclasses import dataclass

from matcher.precedents import NO_PRECEDENTS, Precedents


@dataclass(frozen=True, slots=True)
class Weights:
    """The share of each part; every match names the versions that scored it (`scored_by`).

    Raises ValueError for values that are not shares of two sides.
    """

    version: str = "rank-5"
    wage: float = 0.2
    nearness: float = 0.2
    comfort: float = 0.1
    skills: float = 0.6
    """Share of the skills in the employer's match; the fit of the occupation has the rest."""
    experience: float = 0.2
    education: float = 0.2
    precedents: Precedents = NO_PRECEDENTS
    """Points learned from outcomes, which are added to the score of the parts."""

    @property
    def scored_by(self) -> str:
        """Versions of the weights and, if there are any, of the precedents."""
        return "/".join(filter(None, (self.version, self.precedents.version)))

    def __post_init__(self) -> None:
        circumstances = (self.wage, self.nearness, self.comfort)
        requirements = (self.experience, self.education)
        if (
            min(*circumstances, *requirements, self.skills) < 0
            or max(sum(circumstances), sum(requirements), self.skills) > 1
        ):
            raise ValueError(f"The weights {self.version} are not shares of two sides")


STATED = Weights()
"""The weights in force until outcomes teach better ones.

A change of them, or of the meaning of a part, requires a new version.
"""
