"""An employer's openings with how far their matches are: the questions are pure, but for asking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
"""What a list counts, by the states that belong together."""


@dataclass(frozen=True, slots=True)
class Row:
    opening: Mapping[str, Any]
    counts: Mapping[str, int]
    """Of matches, by step."""

    @property
    def left(self) -> int:
        """Places that nobody has taken yet."""
        return max(0, int(self.opening.get("totalJobOpenings", 1)) - self.counts["placed"])


async def counted(given: Services, openings: Sequence[Mapping[str, Any]]) -> list[Row]:
    ids = [each["id"] for each in openings]
    questions = [("opening_id", ids, {"term": {"state": state}}) for state in STATES]
    found = await given.elastic.tallies(MATCHES.name, questions)
    return rows(openings, dict(zip(STATES, found, strict=True)))


def rows(
    openings: Iterable[Mapping[str, Any]], by_state: Mapping[str, Mapping[str, int]]
) -> list[Row]:
    return [
        Row(
            each,
            {
                step: sum(by_state.get(state, {}).get(each["id"], 0) for state in states)
                for step, states in STEPS.items()
            },
        )
        for each in openings
    ]


def total(rows: Iterable[Row]) -> dict[str, int]:
    counted = list(rows)
    return {step: sum(row.counts[step] for row in counted) for step in STEPS}
