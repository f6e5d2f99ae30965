"""Openings with the number of their matches at each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.ports.services import Services
from roost.events.match import MatchState
from roost.topics import MATCHES

STATES = tuple(state.value for state in MatchState)
STEPS: Mapping[str, tuple[str, ...]] = {
    "waiting": ("proposed", "claimed"),
    "contacted": ("contacted",),
    "referred": ("referred",),
    "interviewed": ("interviewed",),
    "placed": ("placed",),
    "over": ("declined", "expired"),
}
"""Steps of a list, each with the match states that it counts."""


@dataclass(frozen=True, slots=True)
class CountedOpening:
    """Opening with the number of its matches at each step."""

    opening: Mapping[str, Any]
    counts: Mapping[str, int]

    @property
    def left(self) -> int:
        """Number of places that are not filled."""
        return max(0, int(self.opening.get("totalJobOpenings", 1)) - self.counts["placed"])


async def counted(given: Services, openings: Sequence[Mapping[str, Any]]) -> list[CountedOpening]:
    """Return the openings, in their order, with the counts of their matches."""
    ids = [each["id"] for each in openings]
    questions = [("opening_id", ids, {"term": {"state": state}}) for state in STATES]
    found = await given.elastic.tallies(MATCHES.name, questions)
    by_state = dict(zip(STATES, found, strict=True))
    return [CountedOpening(each, _counts(each["id"], by_state)) for each in openings]


def total(openings: Sequence[CountedOpening]) -> dict[str, int]:
    """Return the sums of the counts, by step."""
    return {step: sum(each.counts[step] for each in openings) for step in STEPS}


def _counts(opening_id: str, by_state: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Return the number of an opening's matches at each step."""
    return {
        step: sum(by_state.get(state, {}).get(opening_id, 0) for state in states)
        for step, states in STEPS.items()
    }
