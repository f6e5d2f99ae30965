"""Proposals, matches (匹配) and what people do to them.

A version of an opening or a profile is the position of its event in its topic's partition
(offset + 1): a higher one is later.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field, model_validator
from pydantic_core import PydanticCustomError

from roost.events.common import (
    Lines,
    MatchId,
    Model,
    OpeningId,
    StationId,
    Text,
    WorkerId,
)


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
    ASSIGN = "assign"
    RELEASE = "release"
    CONTACT = "contact"
    ACCEPT = "accept"
    REFER = "refer"
    INTERVIEW = "interview"
    PLACE = "place"
    DECLINE = "decline"
    UNDO = "undo"


class Role(StrEnum):
    """As whom somebody acts; a chief also decides over what colleagues have in hand."""

    CLERK = "clerk"
    CHIEF = "chief"
    WORKER = "worker"
    EMPLOYER = "employer"
    SYSTEM = "system"

    @property
    def staff(self) -> bool:
        return self in {Role.CLERK, Role.CHIEF}


ActorId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w.@:-]+$")]


class Actor(Model):
    role: Role = Role.CLERK
    id: ActorId


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


class ContactOutcome(StrEnum):
    """What came of a call; `call_back`: spoken to, and asked to be called again."""

    REACHED = "reached"
    CALL_BACK = "call_back"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    SWITCHED_OFF = "switched_off"
    WRONG_NUMBER = "wrong_number"
    MESSAGE_LEFT = "message_left"

    @property
    def reached(self) -> bool:
        return self in {ContactOutcome.REACHED, ContactOutcome.CALL_BACK}


class InterviewBy(StrEnum):
    IN_PERSON = "in_person"
    PHONE = "phone"
    VIDEO = "video"


class Details(Model):
    """What is said of an action of its kind: codes, ids and times, never text."""

    reason: DeclineReason | None = Field(None, description="of a decline")
    assignee: ActorId | None = Field(None, description="of an assignment: who has it from now on")
    contact: ContactOutcome | None = Field(None, description="of a contact: what came of it")
    call_again_at: AwareDatetime | None = Field(
        None, description="of a contact: when to call again"
    )
    interview_at: AwareDatetime | None = Field(None, description="of an interview: when it is")
    interview_by: InterviewBy | None = Field(None, description="of an interview: how it is held")


class MatchAction(Details):
    """What somebody did about a match: a fact; the queue stage decides what it changes.

    Carries ids, codes and times only, for the topic is append-only.
    """

    id: Annotated[str, Field(pattern=r"^a-[a-z2-7]{26}$")]
    match_id: MatchId
    kind: ActionKind
    actor: Actor
    at: datetime

    @model_validator(mode="after")
    def _assigned_to_somebody(self) -> MatchAction:
        if self.kind is ActionKind.ASSIGN and self.assignee is None:
            raise PydanticCustomError("assignee", "assignee: name who is to have it")
        return self


class Outcome(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"


class WhyNot(StrEnum):
    """Why an action was refused; `roost.wording.action_words` has the words."""

    ROLE = "role"
    HELD = "held"
    STATE = "state"
    ALREADY = "already"
    NOTHING_TO_UNDO = "nothing_to_undo"
    NOT_YOURS = "not_yours"
    TOO_LATE = "too_late"


class HistoryEntry(Details):
    """One action as the queue stage judged it."""

    action_id: str
    kind: ActionKind
    actor: Actor
    at: datetime
    outcome: Outcome
    why: str = Field("", description="of a refused one the code, a `WhyNot`")
    holder: str | None = Field(
        None, description="who had the match when it was refused, or before it was assigned"
    )
    undone: bool = Field(False, description="whether it was taken back")

    @property
    def stands(self) -> bool:
        return self.outcome is Outcome.ACCEPTED and not self.undone


class About(Model):
    """What queues show, filter and sort by, as the opening and the profile said it when judged."""

    title: Annotated[str, Field(max_length=300)] = ""
    occupation: str | None = Field(None, description="key of the taxonomy, e.g. `zh:6-29-01-01`")
    occupation_name: str = ""
    employer_id: str | None = None
    work_places: Lines = Field((), description="gazetteer keys: its place, and what holds it")
    lives_at: Lines = Field((), description="the same of where the worker lives now")
    home: Lines = Field((), description="the same of the home township")
    headcount: int = 1
    starts_on: date | None = None
    last_day: date | None = None
    priority: bool = Field(
        False, description="a consented priority counts for this pair; never shown to employers"
    )


class MatchProgress(Model):
    """How a match stands with people in its present round: what an undo puts back."""

    state: MatchState
    assigned_to: str | None = Field(None, description="the clerk who has it")
    claimed_at: datetime | None = Field(None, description="when whoever has it got it")
    first_contact_at: datetime | None = Field(
        None, description="the first call, reached or not, or what goes further than a call"
    )
    contacted_at: datetime | None = Field(None, description="when the worker was first reached")
    call_again_at: datetime | None = None
    accepted_at: datetime | None = Field(None, description="when the worker said yes to it")
    referred_at: datetime | None = None
    interviewed_at: datetime | None = Field(None, description="when the interview was arranged")
    interview_at: datetime | None = None
    interview_by: InterviewBy | None = None
    placed_at: datetime | None = None
    declined_at: datetime | None = None
    expired_at: datetime | None = None
    cause: Annotated[Text, Field(max_length=200)] = Field(
        "",
        description="why it expired or was declined; `erased` for a placement without its worker",
    )


class Undoable(Model):
    """The last action that was taken, and how the match stood before it."""

    action_id: str
    before: MatchProgress


class Match(MatchProgress):
    """A match as the topic `matches` holds it. `revision` rises by one with every change."""

    id: MatchId
    opening_id: OpeningId
    worker_id: WorkerId
    station_id: StationId | None = None
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
    act_by: datetime | None = Field(
        None, description="until when somebody has to do the next step; none when nobody has to"
    )
    about: About | None = None
    interviews: int = Field(0, ge=0, description="how often an interview was set; each is told")
    placings: int = Field(0, ge=0, description="how often it was placed, undone ones too")
    undoable: Undoable | None = None
    history: tuple[HistoryEntry, ...] = Field((), description="the last 50 actions, oldest first")

    @property
    def nameless(self) -> bool:
        """A placement that is still counted though its worker has been erased: nobody is in it."""
        return self.state is MatchState.PLACED and self.cause == ERASED

    @property
    def standing(self) -> MatchProgress:
        return MatchProgress(**{name: getattr(self, name) for name in MatchProgress.model_fields})
