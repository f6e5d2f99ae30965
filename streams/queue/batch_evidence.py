"""Inputs of a batch of the queue stage: its rules, the state that it read, and the offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.weights import STATED, Weights
from roost.events.interview_slot import InterviewSlot
from roost.events.match import Match
from roost.events.station import Station
from roost.rules.capacity import Capacity
from roost.time.station_hours import CountyHours, by_the_clock
from roost.time.urgency import Targets
from roost.views.remembered import Versioned
from streams.queue.lifecycle import Judgement
from streams.views.counts import MatchCounts

TARGETS = Targets(timedelta(hours=4), timedelta(hours=24))


@dataclass(frozen=True, slots=True)
class QueueRules:
    """The limits and weights that proposals are judged by."""

    least_score: float
    capacity: Capacity
    weights: Weights = STATED
    """Weights of the score, the same as in the match stage; every match names their version."""
    targets: Targets = TARGETS
    hours: CountyHours = field(default_factory=lambda: by_the_clock(UTC))
    """Opening hours in which the targets run."""
    reserve_opens: time = time()
    """Time of day from which the reserve of a worker's day is open to any work."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The state that a batch is decided on, by id, as read when the batch began."""

    openings: Mapping[str, Versioned[OpeningFeatures]]
    workers: Mapping[str, Versioned[WorkerFeatures]]
    matches: Mapping[str, Match | None]
    counts: MatchCounts
    since: datetime
    """Start of the day, for the workers' shares."""
    stations: Sequence[Station]
    model: str
    """Version of the similarity model of all vectors."""
    late: bool = False
    """True from the time of day at which the workers' reserve is open to any work."""
    slots: Mapping[str, InterviewSlot] = field(default_factory=dict)
    """The interview slots that actions choose or that have changed. `matches` has all matches with
    a place at them."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A pair without an active match: it needs a place and a part of the worker's daily share."""

    worker_id: str
    match: Match | None
    judgement: Judgement
    proposed_today: bool
    """True if it was proposed and withdrawn today: it costs no second part of the share."""

    @property
    def order(self) -> tuple[bool, float, str]:
        """Sort key: pairs proposed today first, then by descending score."""
        return not self.proposed_today, -self.judgement.evaluation.score, self.worker_id
