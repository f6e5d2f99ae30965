"""Bodies of manual matching: what is searched for, what was found, and a proposal by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from api.lists.answer_schemas import Documents
from roost.events.common import Model, OpeningId, Shift, Wage, WorkerId
from roost.events.match import ByHandReason, MatchState, Reason, Wish


@dataclass(frozen=True, slots=True)
class Wanted:
    """Conditions of a search for pairs; an empty one filters nothing."""

    words: str | None = None
    """Words of the title, the employer's name, the skills or the description."""
    place: str | None = None
    """Name or key of a place of work, or of residence; includes every place within it."""
    within_km: float | None = None
    """Greatest distance between the worker's current place and the work."""
    wage: float | None = None
    """Openings: highest wage a month at least this. Workers: wage wish at most this."""
    occupation: str | None = None
    shift: Shift | None = None
    lodging: bool = False
    """Openings with lodging. Workers who need none."""
    near_home: bool = False
    """Openings near the worker's home. Workers at home near the opening."""
    employer: str | None = None
    """Openings of this employer's id."""
    blocked: bool = False
    """Also pairs that a wish or a requirement keeps apart; they name it."""

    @property
    def names_work(self) -> bool:
        """Whether the searcher names the work, so that other work is shown too if it is named."""
        return bool(self.words or self.occupation or self.employer)


class Criterion(StrEnum):
    """Condition whose change would give more pairs."""

    PLACE = "place"
    WAGE = "wage"
    SHIFT = "shift"
    LODGING = "lodging"
    AVAILABILITY = "availability"
    LICENCE = "licence"
    CURRENCY = "currency"


class WhyNone(StrEnum):
    """Reason why a search found no pair that can be proposed."""

    INACTIVE = "inactive"
    """The worker looks for no work, or the opening is not open."""
    FILTERS = "filters"
    """Pairs exist, outside the filters of the search."""
    CONDITIONS = "conditions"
    """Pairs of like work exist, and a condition keeps them apart."""
    WORK = "work"
    """No work of this kind is open, or nobody looks for it."""


class Relaxed(Model):
    """One changed condition, and the number of pairs that it would add; all others stay."""

    criterion: Criterion
    gain: int = Field(ge=1, description="pairs that would be added")
    more: bool = Field(description="whether the number is the most that was counted")
    wage: float | None = Field(None, description="wage a month: the wish, or what is paid")
    within_km: float | None = Field(None, description="radius; null without a known distance")
    available_from: date | None = None
    shift: str | None = None
    licence: str | None = None
    currency: str | None = None


class PairMatch(Model):
    """Match of a pair within the caller's reach."""

    id: str
    state: MatchState


class FoundPair(Model):
    """One candidate with the score of the pair, its reasons, and what blocks it."""

    score: float = Field(description="0 to 100, as matching computes it")
    fits: bool = Field(description="whether the score reaches the least one of matching")
    reasons: Sequence[Reason]
    missing_skills: Sequence[str]
    blocked_by: Sequence[str] = Field(
        description="obstacles: wishes that the worker may set aside, and requirements"
    )
    away_km: float | None = Field(None, description="from the worker's current place")
    match: PairMatch | None = None
    matched_elsewhere: bool = Field(
        False, description="whether the pair's match is in the queue of another station"
    )
    may_propose: bool = Field(
        description="whether it can be proposed, if the worker sets blocking wishes aside"
    )


class FittingOpening(FoundPair):
    """Opening for a worker."""

    id: OpeningId
    title: str
    employer_id: str
    employer: str
    place: str
    wage: Wage | None = None
    shifts: Sequence[Shift] = ()
    lodging: bool = False
    headcount: int
    offers: int = Field(description="active matches that it has")


class FittingWorker(FoundPair):
    """Worker for an opening."""

    id: WorkerId
    name: str
    identifier: str | None = None
    location: str
    home: str
    new_today: int = Field(description="new matches of the worker today")


class FittingOpenings(Model):
    """Openings for a worker, best first, and what would give more."""

    items: Sequence[FittingOpening]
    more: bool = Field(description="whether more were found than the answer holds")
    why_none: WhyNone | None = Field(None, description="set if none can be proposed as it is")
    would_help: Sequence[Relaxed] = Field((), description="set if few were found")
    new_today: int = Field(description="new matches of the worker today")
    most_a_day: int = Field(description="limit of a worker's day; staff may exceed it, counted")


class FittingWorkers(Model):
    """Workers for an opening, best first, and what would give more."""

    items: Sequence[FittingWorker]
    more: bool = Field(description="whether more were found than the answer holds")
    why_none: WhyNone | None = Field(None, description="set if none can be proposed as it is")
    would_help: Sequence[Relaxed] = Field((), description="set if few were found")
    offers: int = Field(description="active matches of the opening")
    places: int = Field(description="active matches it may have; staff may exceed it, counted")
    most_a_day: int = Field(description="limit of a worker's day; staff may exceed it, counted")


class NewProposal(Model):
    """Proposal of a pair by a member of staff; the caller is its author."""

    opening_id: OpeningId
    worker_id: WorkerId
    why: ByHandReason = Field(description="reason, for the match's history")
    waives: Annotated[tuple[Wish, ...], Field(max_length=len(Wish))] = Field(
        (), description="wishes that the worker sets aside for this opening; ask them first"
    )
    refer: bool = Field(False, description="refer the worker to the employer at once")


class ProposalAccepted(Model):
    """A proposal that Kafka has acknowledged and the queue stage has not decided yet."""

    id: str = Field(description="id of the match")
    proposal: str = Field(description="id of the proposal; the match will name it in `byHand`")
    at: datetime
    self_: str = Field(alias="self", description="path of the match")


ProposalFact = Annotated[dict[str, Any], Documents(ProposalAccepted)]
