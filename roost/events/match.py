"""Proposals, matches (匹配) and what people do to them.

A version of an opening or a profile is the position of its event in its topic's partition
(offset + 1): a higher one is later.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from roost.events.common import Lines, MatchId, Model, OpeningId, StationId, Text, WorkerId


class MatchState(StrEnum):
    PROPOSED = "proposed"
    CLAIMED = "claimed"
    CONTACTED = "contacted"
    REFERRED = "referred"
    INTERVIEWED = "interviewed"
    PLACED = "placed"
    DECLINED = "declined"
    EXPIRED = "expired"

    @property
    def active(self) -> bool:
        """Someone may still have to do something about it."""
        return self not in {MatchState.PLACED, MatchState.DECLINED, MatchState.EXPIRED}


ERASED = "erased"
"""The cause of a placement that is counted on, though its worker has been erased."""


class Reason(Model):
    """One part of a score: what it is, the points it adds, and the same in words."""

    part: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    points: float = Field(description="what it adds to the score, 0 to 100")
    en: str
    zh: str


class Proposals(Model):
    """Pairs of one opening that have to be decided; internal, between match and queue.

    Ids only: the queue stage judges each pair on what the views say of both at that moment, so a
    proposal can be late or come twice without harm, and holds nothing to be erased.
    """

    opening_id: OpeningId
    worker_ids: Annotated[tuple[WorkerId, ...], Field(max_length=5_000)]
    subject: str = Field(description="the opening or worker whose event caused the evaluation")
    posted_at: datetime = Field(description="when that event was posted")
    evaluated_at: datetime


class ActionKind(StrEnum):
    CLAIM = "claim"
    RELEASE = "release"
    CONTACT = "contact"
    REFER = "refer"
    INTERVIEW = "interview"
    PLACE = "place"
    DECLINE = "decline"


class Role(StrEnum):
    CLERK = "clerk"
    WORKER = "worker"
    EMPLOYER = "employer"
    SYSTEM = "system"


class Actor(Model):
    role: Role = Role.CLERK
    id: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w.@:-]+$")]


class DeclineReason(StrEnum):
    WAGE = "wage"
    PLACE = "place"
    SHIFTS = "shifts"
    SKILLS = "skills"
    UNREACHABLE = "unreachable"
    HAS_WORK = "has_work"
    NOT_INTERESTED = "not_interested"
    EMPLOYER_CHOSE_OTHER = "employer_chose_other"
    OTHER = "other"


class MatchAction(Model):
    """What somebody did about a match: a fact; the queue stage decides what it changes.

    Carries ids only. Free notes stay on the match itself, in a compacted topic.
    """

    id: Annotated[str, Field(pattern=r"^a-[a-z2-7]{26}$")]
    match_id: MatchId
    kind: ActionKind
    actor: Actor
    at: datetime
    reason: DeclineReason | None = None


class Outcome(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"


class HistoryEntry(Model):
    """One action as the queue stage judged it."""

    action_id: str
    kind: ActionKind
    actor: Actor
    at: datetime
    outcome: Outcome
    why: str = ""


class Match(Model):
    """A match as the topic `matches` holds it. `revision` rises by one with every change."""

    id: MatchId
    opening_id: OpeningId
    worker_id: WorkerId
    station_id: StationId | None = None
    state: MatchState
    revision: int = Field(ge=1)
    round: int = Field(1, ge=1, description="how many times it has been proposed")
    score: float
    worker_side: float
    employer_side: float
    reasons: tuple[Reason, ...] = ()
    missing_skills: Lines = ()
    opening_version: int = Field(description="version of the opening it was judged on")
    profile_version: int = Field(description="version of the profile it was judged on")
    model: str
    proposed_at: datetime
    changed_at: datetime
    caused_at: datetime = Field(description="when the fact that last changed it was posted")
    assigned_to: str | None = Field(None, description="the clerk who claimed it")
    cause: Annotated[Text, Field(max_length=200)] = Field(
        "",
        description="why it expired or was declined; `erased` for a placement without its worker",
    )
    history: tuple[HistoryEntry, ...] = Field((), description="the last 50 actions, oldest first")

    @property
    def nameless(self) -> bool:
        """A placement that is still counted though its worker has been erased: nobody is in it."""
        return self.state is MatchState.PLACED and self.cause == ERASED
