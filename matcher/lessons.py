"""From outcomes to a decision about the weights: too few, refused, or better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from matcher.comparison import Comparison, Count, accept, compare, counts, enough, split
from matcher.learning import fit
from matcher.outcomes import OutcomeRow
from matcher.weights import Weights


class Decision(StrEnum):
    TOO_FEW = "too_few"
    REFUSED = "refused"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the outcomes teach: the decision, and all that it rests on."""

    decision: Decision
    counts: tuple[Count, ...]
    candidate: Weights | None = None
    comparison: Comparison | None = None

    @property
    def missing(self) -> tuple[Count, ...]:
        return tuple(count for count in self.counts if count.missing)


def learn(current: Weights, rows: Sequence[OutcomeRow]) -> Lesson:
    """Fits weights to all but the last days, and lets those days decide about them."""
    found = counts(rows)
    if not enough(rows):
        return Lesson(Decision.TOO_FEW, found)
    training, held_out = split(rows)
    candidate = fit(training)
    comparison = compare(current, candidate, held_out)
    decision = Decision.ACCEPTED if accept(comparison) else Decision.REFUSED
    return Lesson(decision, found, candidate, comparison)
