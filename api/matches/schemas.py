"""Details of an action on a match, as a request states them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints

from api.lists.answer_schemas import LOCATION, SPARSE, Documents, FactAnswer, PageOf
from api.lists.paging import Listing
from roost.errors import Invalid, invalid_field
from roost.events.common import Education, Language, Lines, MatchId, Model, Text
from roost.events.match import (
    ActionKind,
    Actor,
    ContactOutcome,
    DeclineReason,
    Details,
    Match,
)
from roost.events.note import LONGEST_REASON, InterviewDetails
from roost.events.preferences import ChannelKind
from roost.time.urgency import Urgency

DETAILS_BY_KIND: dict[ActionKind, frozenset[str]] = {
    ActionKind.ASSIGN: frozenset({"assignee"}),
    ActionKind.CONTACT: frozenset({"contact", "call_again_at"}),
    ActionKind.INTERVIEW: frozenset({"interview_at", "interview_by", "interview"}),
    ActionKind.BOOK: frozenset({"slot_id"}),
    ActionKind.DECLINE: frozenset({"reason", "reason_text"}),
    ActionKind.ASK_SHARING: frozenset({"answer_by"}),
}
"""Details that an action of each kind may state."""
REQUIRED = {
    ActionKind.ASSIGN: ("assignee", "name the colleague to assign", "请指定接手的工作人员"),
    ActionKind.BOOK: ("slot_id", "choose an interview slot", "请选择面试时段"),
    ActionKind.DECLINE: ("reason", "give the reason for declining", "请说明谢绝原因"),
}
"""Required detail of a kind, with the message if it is missing in English and Chinese."""
TIMES = frozenset({"call_again_at", "interview_at"})
MOST_PAST = timedelta(hours=1)
"""A time may lie this far back: it was current when the form was filled in."""
MOST_AHEAD = timedelta(days=366)
LEAST_TIME, MOST_TIME = timedelta(hours=1), timedelta(days=14)
"""Limits of the time for an answer about sharing."""


ReasonText = Annotated[
    Text, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_REASON)
]


class Act(Details):
    """Details of an action; the caller is the actor.

    Only an API key with reach over everything may name another `actor`, for whom it acts.
    """

    actor: Actor | None = None
    reason_text: ReasonText | None = Field(
        None,
        description="required with the reason `other`, and only then; the worker may read it",
    )
    interview: InterviewDetails | None = Field(
        None, description="interview: place, contact and documents; the worker is shown them"
    )

    def details(self) -> dict[str, object]:
        """Return the details of the event by field name: without the actor and the texts."""
        return {name: getattr(self, name) for name in Details.model_fields}

    def stated(self) -> set[str]:
        """Return the names of the details that are stated, texts included."""
        names = (*Details.model_fields, "reason_text", "interview")
        return {name for name in names if getattr(self, name) is not None}


def check_details(kind: ActionKind, body: Act, now: datetime) -> None:
    """Raise Invalid for a missing detail, one of another kind, or a time out of range."""
    if kind in REQUIRED:
        field, english, chinese = REQUIRED[kind]
        if getattr(body, field) is None:
            raise invalid_field(_alias(field), english, chinese)
    if body.contact is ContactOutcome.CALL_BACK and body.call_again_at is None:
        raise invalid_field("callAgainAt", "say when to call again", "请填写约定的再联系时间")
    _check_reason_text(body)
    stated = body.stated()
    for name in sorted(stated - DETAILS_BY_KIND.get(kind, frozenset())):
        raise _of_another_kind(name, kind)
    for name in TIMES & stated:
        at = getattr(body, name)
        if not now - MOST_PAST <= at <= now + MOST_AHEAD:
            raise invalid_field(
                _alias(name), "must lie ahead, within a year", "应为一年之内的将来时间"
            )
    if body.answer_by is not None and not LEAST_TIME <= body.answer_by - now <= MOST_TIME:
        raise invalid_field(
            "answerBy", "must be an hour to two weeks ahead", "应为一小时至两周之内的时间"
        )


def _check_reason_text(body: Act) -> None:
    """Raise Invalid for another reason without its text, and for a text of a named reason."""
    if body.reason is DeclineReason.OTHER and body.reason_text is None:
        raise invalid_field("reasonText", "state the reason in a few words", "请简要填写具体原因")
    if body.reason_text is not None and body.reason not in (None, DeclineReason.OTHER):
        raise invalid_field(
            "reasonText", "belongs to the reason `other`; leave it out", "仅在选择其他原因时填写"
        )


def _of_another_kind(name: str, kind: ActionKind) -> Invalid:
    return invalid_field(
        _alias(name), f"does not belong to {kind}; leave it out", "不属于此操作，请删除"
    )


def _alias(name: str) -> str:
    return Act.model_fields[name].alias or name


MOST_ACTIONS = 100


class BatchedAction(Model):
    """One action of a batch."""

    match_id: MatchId
    kind: ActionKind
    details: Act = Act()


class ActionBatch(Model):
    """Actions that are authorised and answered one by one."""

    items: Annotated[tuple[BatchedAction, ...], Field(min_length=1, max_length=MOST_ACTIONS)]


class ActionProblem(BaseModel):
    """Reason why an action of a batch was not taken (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[dict[str, str]] | None = None


class BatchedAnswer(Model):
    """Answer to one action of a batch: its id, or the problem."""

    match_id: MatchId
    kind: ActionKind
    status: int = Field(description="202 if Kafka has it, otherwise the status of the problem")
    action: str | None = Field(None, description="id of the action")
    problem: ActionProblem | None = None


class BatchAnswers(Model):
    """Answers to a batch, in the order of its items."""

    items: Sequence[BatchedAnswer]


class WorkerContact(Model):
    """Address of a worker on one channel."""

    kind: ChannelKind
    address: str


class SharedWorker(Model):
    """Fields of a worker that an employer sees: those the worker agreed to share."""

    model_config = SPARSE

    name: str | None = None
    contact: tuple[WorkerContact, ...] = ()
    skills: Lines = ()
    licences: Lines = ()
    occupations_wanted: Lines = ()
    experience_years: float = 0
    education: Education = Education.NONE
    languages: tuple[Language, ...] = ()
    available_from: date | None = None


class Responsible(Model):
    """Station and member of staff whom an employer can ask."""

    model_config = SPARSE

    station: str
    telephone: str | None = None
    name: str | None = Field(None, description="name that the member of staff chose for employers")


class MatchAnswer(Match, FactAnswer):
    """A match as the caller may see it, with its version.

    Staff also get `urgency` and `names`. An employer gets `worker`, and neither the score nor the
    internal work of the staff. A worker does not see that work either.
    """

    urgency: Urgency | None = None
    names: dict[str, str] = Field(
        default_factory=dict, description="names of the colleagues it mentions, by id"
    )
    worker: SharedWorker | None = Field(None, description="for employers only")
    responsible: Responsible | None = Field(None, description="for employers only")
    interview_details: InterviewDetails | None = Field(
        None, description="place, contact and documents of the arranged interview"
    )


class MatchPage(PageOf[MatchAnswer]):
    """A page of matches."""


DECIDED: dict[int | str, dict[str, Any]] = {
    202: {"headers": LOCATION},
    200: {"model": MatchAnswer, "description": "The queue stage has decided", "headers": LOCATION},
}
"""`responses` of a route that accepts an action, or waits for the queue stage's decision."""


class ActionAccepted(Model):
    """An action that Kafka has acknowledged and the queue stage has not decided yet."""

    id: MatchId
    action: str = Field(description="id of the action; the match's history will hold it")
    self_: str = Field(alias="self", description="path of the match")


MatchFact = Annotated[dict[str, Any], Documents(MatchAnswer)]
MatchListing = Annotated[Listing, Documents(MatchPage)]
ActionFact = Annotated[dict[str, Any], Documents(ActionAccepted)]
