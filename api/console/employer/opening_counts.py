"""Openings with the number of the matches at each step that the reader may list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.access import policy
from api.access.principal import Principal
from api.matches.service import count_states
from api.ports.services import Services
from roost.events.account import Permission
from roost.events.match import MatchState

STEPS: Mapping[str, tuple[MatchState, ...]] = {
    "waiting": (MatchState.PROPOSED, MatchState.CLAIMED),
    "contacted": (MatchState.CONTACTED,),
    "referred": (MatchState.REFERRED,),
    "interviewed": (MatchState.INTERVIEWED,),
    "placed": (MatchState.PLACED,),
    "over": (MatchState.DECLINED, MatchState.EXPIRED),
}
"""Steps of a list, each with the match states that it counts."""


@dataclass(frozen=True, slots=True)
class CountedOpening:
    """Opening with the number of its matches at each step."""

    opening: Mapping[str, Any]
    counts: Mapping[str, int]
    counts_all: bool
    """True if the reader sees the matches of every station, so that the counts are complete."""

    @property
    def left(self) -> int | None:
        """Number of places that are not filled; None for a reader who does not see them all."""
        if not self.counts_all:
            return None
        return max(0, int(self.opening.get("totalJobOpenings", 1)) - self.counts["placed"])


async def counted(
    given: Services, who: Principal, openings: Sequence[Mapping[str, Any]]
) -> list[CountedOpening]:
    """Return the openings, in their order, with the counts of the matches that the caller sees."""
    states = await count_states(given, who, [each["id"] for each in openings])
    everything = counts_all(who)
    return [CountedOpening(each, _counts(states[each["id"]]), everything) for each in openings]


def counts_all(who: Principal) -> bool:
    """Return whether the caller's counts are of all stations' matches."""
    return policy.reach(who, Permission.MATCHES_READ) is not policy.Reach.STATIONS


def total(openings: Sequence[CountedOpening]) -> dict[str, int]:
    """Return the sums of the counts, by step."""
    return {step: sum(each.counts[step] for each in openings) for step in STEPS}


def _counts(by_state: Mapping[MatchState, int]) -> dict[str, int]:
    """Return the number of an opening's matches at each step."""
    return {step: sum(by_state[state] for state in states) for step, states in STEPS.items()}
