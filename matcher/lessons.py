"""The decision about what was learned: too few outcomes, refused, or accepted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from matcher.comparison import (
    Comparison,
    Count,
    accepts_candidate,
    compare_weights,
    count_evidence,
    has_enough_evidence,
    keeps_candidate,
    split_by_day,
)
from matcher.learning import fit_weights
from matcher.match_outcomes import OutcomeRow
from matcher.precedent_learning import fit_precedents
from matcher.precedents import NO_PRECEDENTS
from matcher.weights import Weights


class Decision(StrEnum):
    """Result of one lesson."""

    TOO_FEW = "too_few"
    REFUSED = "refused"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Lesson:
    """A decision with its evidence."""

    decision: Decision
    counts: tuple[Count, ...]
    candidate: Weights | None = None
    comparison: Comparison | None = None

    @property
    def missing(self) -> tuple[Count, ...]:
        """Counts that are below their least amount."""
        return tuple(count for count in self.counts if count.missing)


def learn(current: Weights, rows: Sequence[OutcomeRow]) -> Lesson:
    """Fit weights to all but the newest days, and decide about them on those days."""
    evidence = count_evidence(rows)
    if not has_enough_evidence(rows):
        return Lesson(Decision.TOO_FEW, evidence)
    training, held_out = split_by_day(rows)
    candidate = fit_weights(training)
    comparison = compare_weights(current, candidate, held_out)
    decision = Decision.ACCEPTED if accepts_candidate(comparison) else Decision.REFUSED
    return Lesson(decision, evidence, candidate, comparison)


def learn_precedents(weights: Weights, rows: Sequence[OutcomeRow], *, in_force: bool) -> Lesson:
    """Fit precedents to all but the newest days, and compare them with content alone on those days.

    The comparison never is with an earlier model. Whatever a training does not confirm is not in
    force afterwards, so no model outlives the people that it was learned from.
    """
    content = replace(weights, precedents=NO_PRECEDENTS)
    evidence = count_evidence(rows)
    if not has_enough_evidence(rows):
        return Lesson(Decision.TOO_FEW, evidence)
    training, held_out = split_by_day(rows)
    candidate = replace(weights, precedents=fit_precedents(training, content))
    explained = sum(lift.placed > 0 for lift in candidate.precedents.lifts.values())
    evidence = (
        *evidence,
        Count("kinds of work with enough placements of like people", explained, 1),
    )
    if not explained:
        return Lesson(Decision.TOO_FEW, evidence)
    comparison = compare_weights(content, candidate, held_out)
    better = accepts_candidate(comparison) or (in_force and keeps_candidate(comparison))
    decision = Decision.ACCEPTED if better else Decision.REFUSED
    return Lesson(decision, evidence, candidate, comparison)
