"""Proposals, matches (匹配) and the actions of people on them.

The version of an opening or a profile is the position of its event in its topic's partition
(offset + 1); a higher version is newer.
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
    SlotId,
    StationId,
    Text,
    WorkerId,
)


class MatchState(StrEnum):
    """State of a match in its current round."""

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
        """Whether the match may still need a next step."""
        return self not in {MatchState.PLACED, MatchState.DECLINED, MatchState.EXPIRED}


PRIORITY = "priority"
"""Reason of a consented priority: its points are shown to the worker and the station only."""
PRECEDENTS = "precedents"
"""Reason of the placements of people with like skills in like work."""
ERASED = "erased"
"""Cause of a placement that is still counted although its worker has been erased."""


class Reason(Model):
    """One part of a score: its name, its points, and an explanation in two languages."""

    part: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    points: float = Field(description="points that it adds to the score, 0 to 100")
    en: str
    zh: str


class ActionKind(StrEnum):
    """Kind of action on a match."""

    CLAIM = "claim"
    ASSIGN = "assign"
    RELEASE = "release"
    CONTACT = "contact"
    ACCEPT = "accept"
    REFER = "refer"
    INTERVIEW = "interview"
    BOOK = "book"
    """Choose one of the interview slots that the opening offers."""
    PLACE = "place"
    DECLINE = "decline"
    UNDO = "undo"
    ASK_SHARING = "ask_sharing"
    """Ask the worker whether the employer may have name and contact details."""
    SHARE = "share"
    WITHHOLD = "withhold"
    """No to that question, or the revocation of a yes."""
    LAPSE = "lapse"
    """End of the time for an answer, by the queue stage's clock."""


class Role(StrEnum):
    """Role in which a person acts; a chief also acts on matches claimed by colleagues."""

    CLERK = "clerk"
    CHIEF = "chief"
    WORKER = "worker"
    EMPLOYER = "employer"
    SYSTEM = "system"

    @property
    def staff(self) -> bool:
        """Whether the role belongs to a station."""
        return self in {Role.CLERK, Role.CHIEF}


ActorId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w.@:-]+$")]


class Actor(Model):
    """Person or system that acts: id of an account, a key or a stage, and its role."""

    role: Role = Role.CLERK
    id: ActorId


class Wish(StrEnum):
    """Wish of a worker that the worker may set aside for one opening; named as its obstacle."""

    PLACE = "place"
    WAGE = "wage"
    CURRENCY = "currency"
    AVAILABILITY = "availability"
    SHIFT = "shift"
    LODGING = "lodging"


class ByHandReason(StrEnum):
    """Reason for which a member of staff proposes a pair."""

    AT_COUNTER = "at_counter"
    WORKER_ASKED = "worker_asked"
    EMPLOYER_ASKED = "employer_asked"
    OWN_JUDGEMENT = "own_judgement"


class ByHand(Model):
    """A member of staff who proposes a pair: codes, ids and times, never text."""

    id: Annotated[str, Field(pattern=r"^a-[a-z2-7]{26}$")]
    actor: Actor
    at: datetime
    why: ByHandReason
    waives: Annotated[tuple[Wish, ...], Field(max_length=len(Wish))] = Field(
        (), description="wishes that the worker sets aside for this opening"
    )
    refer: bool = Field(False, description="whether the worker is referred to the employer at once")


class ProposedByHand(ByHand):
    """Proposal by hand of a match's current round, with the limit that it exceeded."""

    over: Annotated[str, Field(pattern=r"^[a-z_]*$")] = Field(
        "",
        description="limit of places or of the day that would have held the pair back; counted",
        exclude_if=lambda limit: not limit,
    )


class Proposals(Model):
    """Pairs of one opening for the queue stage to decide; internal, from the match stage or staff.

    A proposal carries ids only. The queue stage judges each pair on the current views, so a late
    or repeated proposal does no harm, and a proposal holds no data to erase.
    """

    opening_id: OpeningId
    worker_ids: Annotated[tuple[WorkerId, ...], Field(max_length=5_000)]
    subject: str = Field(
        description="id of the opening or worker whose event caused the evaluation"
    )
    posted_at: datetime = Field(description="time at which that event was posted")
    evaluated_at: datetime
    by_hand: ByHand | None = Field(
        None,
        description="set if a member of staff proposes the pair: then there is one worker",
        exclude_if=lambda by_hand: by_hand is None,
    )


class DeclineReason(StrEnum):
    """Reason for declining a match."""

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
    """Outcome of a call; `call_back`: reached, and asked to be called again."""

    REACHED = "reached"
    CALL_BACK = "call_back"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    SWITCHED_OFF = "switched_off"
    WRONG_NUMBER = "wrong_number"
    MESSAGE_LEFT = "message_left"

    @property
    def reached(self) -> bool:
        """Whether the worker was spoken to."""
        return self in {ContactOutcome.REACHED, ContactOutcome.CALL_BACK}


class InterviewBy(StrEnum):
    """Format of an interview."""

    IN_PERSON = "in_person"
    PHONE = "phone"
    VIDEO = "video"


class Sharing(StrEnum):
    """State of the question whether the employer may have a worker's name and contact details."""

    ASKED = "asked"
    AGREED = "agreed"
    REFUSED = "refused"
    UNANSWERED = "unanswered"
    """The time for an answer has passed: as a refusal, but the worker may still agree."""


class Details(Model):
    """Details of an action, by its kind: codes, ids and times, never text."""

    reason: DeclineReason | None = Field(None, description="reason of a decline")
    assignee: ActorId | None = Field(None, description="assignment: the new assignee")
    contact: ContactOutcome | None = Field(None, description="contact: outcome of the call")
    call_again_at: AwareDatetime | None = Field(None, description="contact: time to call again")
    interview_at: AwareDatetime | None = Field(None, description="interview: its time")
    interview_by: InterviewBy | None = Field(None, description="interview: its format")
    answer_by: AwareDatetime | None = Field(
        None,
        description="question about sharing: end of the time for an answer",
        exclude_if=lambda at: at is None,
    )
    slot_id: SlotId | None = Field(
        None,
        description="booking: the chosen interview slot of the opening",
        exclude_if=lambda slot: slot is None,
    )


class Shared(StrEnum):
    """Data of a worker that an acceptance shares with the opening's employer."""

    NAME = "name"
    CONTACT = "contact"


SharedData = Annotated[
    tuple[Shared, ...],
    Field(
        max_length=len(Shared),
        description="acceptance or `share`: data that the worker agreed to share with the employer",
        exclude_if=lambda shared: not shared,
    ),
]
SHARED_BY_ACCEPTANCE = (Shared.NAME, Shared.CONTACT)
"""Data that an acceptance shares until the worker declines or the match ends."""


class MatchAction(Details):
    """Action of a person on a match: a fact, of which the queue stage decides the effect.

    It carries ids, codes and times only, for the topic is append-only.
    """

    id: Annotated[str, Field(pattern=r"^a-[a-z2-7]{26}$")]
    match_id: MatchId
    kind: ActionKind
    actor: Actor
    at: datetime
    shares: SharedData = ()

    @model_validator(mode="after")
    def _assigned_to_somebody(self) -> MatchAction:
        if self.kind is ActionKind.ASSIGN and self.assignee is None:
            raise PydanticCustomError("assignee", "give the new assignee")
        return self

    @model_validator(mode="after")
    def _books_a_slot(self) -> MatchAction:
        if self.kind is ActionKind.BOOK and self.slot_id is None:
            raise PydanticCustomError("slot", "give the interview slot")
        return self


class Outcome(StrEnum):
    """Decision of the queue stage about an action."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


class WhyNot(StrEnum):
    """Reason why an action was refused; `roost.wording.action_words` has the texts."""

    ROLE = "role"
    HELD = "held"
    STATE = "state"
    ALREADY = "already"
    NOTHING_TO_UNDO = "nothing_to_undo"
    NOT_YOURS = "not_yours"
    TOO_LATE = "too_late"
    TOO_EARLY = "too_early"
    NOT_ASKED = "not_asked"
    SLOT_FULL = "slot_full"
    SLOT_GONE = "slot_gone"
    """The slot was cancelled, is over, or belongs to another opening."""


class HistoryEntry(Details):
    """One action with the decision of the queue stage."""

    action_id: str
    kind: ActionKind
    actor: Actor
    at: datetime
    outcome: Outcome
    why: str = Field("", description="refused action: code of the reason, a `WhyNot`")
    holder: str | None = Field(
        None, description="refused action: assignee at that time; assignment: previous assignee"
    )
    undone: bool = Field(False, description="whether the action was undone")
    shares: SharedData = ()

    @property
    def stands(self) -> bool:
        """Whether the action was accepted and not undone."""
        return self.outcome is Outcome.ACCEPTED and not self.undone

    @property
    def is_referral(self) -> bool:
        """Whether it referred the worker to the employer, and that was not undone."""
        return self.kind is ActionKind.REFER and self.stands


class ChangeKind(StrEnum):
    """Kind of change of a match that is no action on it."""

    PROPOSED = "proposed"
    PAUSED = "paused"
    RESUMED = "resumed"
    EXPIRED = "expired"
    SLOT_MOVED = "slot_moved"
    SLOT_CANCELLED = "slot_cancelled"


class MatchChange(Model):
    """One change of a match by an evaluation of its pair, a proposal by hand, or its slot."""

    kind: ChangeKind
    at: datetime
    cause: Annotated[Text, Field(max_length=200)] = Field(
        "", description="reason of an expiry", exclude_if=lambda cause: not cause
    )
    actor: Actor | None = Field(
        None,
        description="proposal by hand: its author; moved slot: the person who moved it",
        exclude_if=lambda actor: actor is None,
    )
    why: ByHandReason | None = Field(
        None, description="proposal by hand: its reason", exclude_if=lambda why: why is None
    )


class Pause(Model):
    """Newest pause of a match's opening. The match keeps its progress meanwhile."""

    at: datetime
    resumed_at: datetime | None = Field(None, description="end of the pause; absent while it lasts")
    opening_version: int = Field(description="version of the opening that paused it")
    again: int = Field(
        0, ge=0, description="number of earlier pauses on that day", exclude_if=lambda n: n == 0
    )

    @property
    def lasts(self) -> bool:
        """Whether the opening is still paused."""
        return self.resumed_at is None


class About(Model):
    """Fields that queues show, filter and sort by, copied from opening and profile when judged."""

    title: Annotated[str, Field(max_length=300)] = ""
    occupation: str | None = Field(None, description="key of the taxonomy, e.g. `zh:6-29-01-01`")
    occupation_name: str = ""
    employer_id: str | None = None
    alike: tuple[str, ...] = Field(
        (),
        description="keys that openings of near-identical content share; they share a day's limits",
        exclude_if=lambda keys: not keys,
    )
    first_alike: tuple[str, ...] | None = Field(
        None,
        description="the same at the first proposal, if an edit of the opening changed them since",
        exclude_if=lambda keys: keys is None,
    )
    work_places: Lines = Field(
        (), description="gazetteer keys of the workplace and the places that contain it"
    )
    lives_at: Lines = Field(
        (), description="gazetteer keys of the worker's current residence, likewise"
    )
    home: Lines = Field((), description="gazetteer keys of the home township, likewise")
    headcount: int = 1
    starts_on: date | None = None
    last_day: date | None = None
    priority: bool = Field(
        False, description="a consented priority counts for this pair; never shown to employers"
    )


class Booking(Model):
    """A place at an interview slot. It counts while the match is `interviewed`."""

    slot_id: SlotId
    arranged_at: AwareDatetime = Field(description="`arrangedAt` of the slot that it follows")


class MatchProgress(Model):
    """Progress of a match in its current round: the fields that an undo restores."""

    state: MatchState
    assigned_to: str | None = Field(None, description="clerk to whom the match is assigned")
    claimed_at: datetime | None = Field(None, description="time of the claim or assignment")
    first_contact_at: datetime | None = Field(
        None, description="time of the first call, reached or not, or of the first later step"
    )
    contacted_at: datetime | None = Field(
        None, description="time at which the worker was first reached"
    )
    call_again_at: datetime | None = None
    accepted_at: datetime | None = Field(None, description="time at which the worker accepted")
    referred_at: datetime | None = None
    interviewed_at: datetime | None = Field(
        None, description="time at which the interview was arranged"
    )
    interview_at: datetime | None = None
    interview_by: InterviewBy | None = None
    booking: Booking | None = Field(
        None,
        description="place at an interview slot, if the interview was arranged by choosing one",
        exclude_if=lambda booking: booking is None,
    )
    placed_at: datetime | None = None
    declined_at: datetime | None = None
    expired_at: datetime | None = None
    sharing: Sharing | None = Field(
        None,
        description="state of the question whether name and contact details may be shared",
        exclude_if=lambda sharing: sharing is None,
    )
    sharing_asked_at: datetime | None = Field(None, exclude_if=lambda at: at is None)
    sharing_answered_at: datetime | None = Field(
        None,
        description="time of the answer, or of its lapse",
        exclude_if=lambda at: at is None,
    )
    answer_by: AwareDatetime | None = Field(
        None,
        description="end of the time for an answer about sharing",
        exclude_if=lambda at: at is None,
    )
    cause: Annotated[Text, Field(max_length=200)] = Field(
        "",
        description="reason of expiry or decline; `erased` for a placement without its worker",
    )


class Undoable(Model):
    """The last accepted action, and the progress of the match before it."""

    action_id: str
    before: MatchProgress


class Match(MatchProgress):
    """Match as stored in the topic `matches`; every change raises `revision` by one."""

    id: MatchId
    opening_id: OpeningId
    worker_id: WorkerId
    station_id: StationId | None = None
    former_station_id: StationId | None = Field(
        None, description="station whose queue the match left with its last change"
    )
    revision: int = Field(ge=1)
    round: int = Field(1, ge=1, description="number of times it has been proposed")
    renewed: int = Field(
        0,
        ge=0,
        description="number of times it was withdrawn and proposed again on one day",
        exclude_if=lambda times: times == 0,
    )
    score: float
    worker_side: float
    employer_side: float
    reasons: tuple[Reason, ...] = ()
    missing_skills: Lines = ()
    opening_version: int = Field(description="version of the opening on which it was judged")
    profile_version: int = Field(description="version of the profile on which it was judged")
    model: str
    proposed_at: datetime
    first_proposed_at: datetime | None = Field(
        None, description="time of the first round's proposal; absent in older records"
    )
    changed_at: datetime
    caused_at: datetime = Field(
        description="time at which the fact that last changed it was posted"
    )
    act_by: datetime | None = Field(
        None, description="deadline of the next step; absent if no step is due"
    )
    soon_at: datetime | None = Field(
        None, description="from then on the deadline is near: an opening hour before it"
    )
    contact_due_at: datetime | None = Field(
        None,
        description="end of the target for the first contact, in the station's opening hours",
    )
    waited_s: Annotated[int, Field(ge=0)] | None = Field(
        None,
        description="seconds of opening hours until the first contact, or the end without one",
    )
    pause: Pause | None = Field(None, description="newest pause of the opening in this round")
    rested_s: int = Field(
        0,
        ge=0,
        description="seconds of opening hours in ended pauses of this round: no target runs",
        exclude_if=lambda seconds: seconds == 0,
    )
    about: About | None = None
    by_hand: ProposedByHand | None = Field(
        None,
        description="set if staff proposed the current round",
        exclude_if=lambda by_hand: by_hand is None,
    )
    interviews: int = Field(
        0, ge=0, description="number of interviews set; each causes a notification"
    )
    placings: int = Field(0, ge=0, description="number of placements, undone ones included")
    undoable: Undoable | None = None
    history: tuple[HistoryEntry, ...] = Field(
        (), description="accepted actions, oldest first; at most 50"
    )
    refusals: tuple[HistoryEntry, ...] = Field(
        (), description="the newest refused actions, oldest first; at most 50"
    )
    changes: tuple[MatchChange, ...] = Field(
        (),
        description="proposals, pauses, resumptions and expiries, oldest first; the newest 50",
        exclude_if=lambda changes: not changes,
    )

    @property
    def paused(self) -> bool:
        """Whether the opening is paused, so that the match rests."""
        return self.pause is not None and self.pause.lasts and self.state.active

    @property
    def slot_id(self) -> str | None:
        """Interview slot at which it takes a place now."""
        takes = self.booking is not None and self.state is MatchState.INTERVIEWED
        return self.booking.slot_id if takes and self.booking else None

    @property
    def in_progress(self) -> bool:
        """Whether somebody works on the active match, or the worker has accepted it."""
        return self.state.active and (self.assigned_to is not None or self.accepted_at is not None)

    @property
    def unboosted(self) -> float:
        """Score without the points for the priority of a registered household."""
        priority = sum(each.points for each in self.reasons if each.part == PRIORITY)
        return round(self.score - priority, 1)

    @property
    def nameless(self) -> bool:
        """Whether this is a placement that is still counted although its worker has been erased."""
        return self.state is MatchState.PLACED and self.cause == ERASED

    @property
    def ended_at(self) -> datetime | None:
        """Time at which its current round ended; None while it is active."""
        if self.state.active:
            return None
        ended = {
            MatchState.PLACED: self.placed_at,
            MatchState.DECLINED: self.declined_at,
            MatchState.EXPIRED: self.expired_at,
        }
        return ended.get(self.state) or self.changed_at

    @property
    def waited_until(self) -> datetime | None:
        """Time of the first contact, or of the end without one; None while it waits."""
        return self.first_contact_at or self.ended_at

    @property
    def progress(self) -> MatchProgress:
        """Progress alone, as an undo restores it."""
        return MatchProgress(**{name: getattr(self, name) for name in MatchProgress.model_fields})
