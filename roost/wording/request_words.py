"""Values of a request for candidates in a template, in one language. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from roost.events.candidate_request import CandidateRequest, DeclinedBecause
from roost.events.notification import Notification, NotificationKind
from roost.rules.request_states import RequestState, told_state
from roost.views.mappings import Json
from roost.wording import inert

REQUEST_KINDS = frozenset(
    {NotificationKind.CANDIDATES_REQUESTED, NotificationKind.CANDIDATES_ANSWERED}
)
REASONS: dict[DeclinedBecause, tuple[str, str]] = {
    DeclinedBecause.NOBODY_SUITABLE: (
        "no suitable worker is registered now",
        "目前没有合适的务工人员",
    ),
    DeclinedBecause.TERMS: (
        "the terms of the opening, such as the wage, keep people away",
        "岗位待遇等条件难以吸引务工人员",
    ),
    DeclinedBecause.NO_CAPACITY: (
        "the station cannot look for people now",
        "服务站目前无法安排推荐",
    ),
    DeclinedBecause.OPENING_UNCLEAR: (
        "the description of the opening is not clear enough",
        "岗位信息不够明确",
    ),
    DeclinedBecause.OTHER_STATION: ("another station is responsible", "该岗位由其他服务站负责"),
}
"""Reasons in English and Chinese."""


@dataclass(frozen=True, slots=True)
class RequestWords:
    """Request for candidates in a template."""

    wanted: int = 0
    needed_by: str = ""
    note: str = ""
    state: str = ""
    """State that the message is about: open, accepted, declined, fulfilled or expired."""
    candidates_on: str = ""
    """Day of the first candidates, if it was accepted."""
    because: str = ""
    """Reason, if it was declined."""


def request_words(fact: Json | None, notification: Notification, *, chinese: bool) -> RequestWords:
    """Return a request in one language; an empty one for other kinds of message."""
    if fact is None or notification.kind not in REQUEST_KINDS:
        return RequestWords()
    request = CandidateRequest.from_stored(fact)
    to_employer = notification.kind is NotificationKind.CANDIDATES_ANSWERED
    because = request.declined_because
    return RequestWords(
        wanted=request.wanted,
        needed_by=_day(request.needed_by, chinese),
        note=inert.own_text(request.note) if request.note else "",
        state=(told_state(notification) if to_employer else RequestState.OPEN).value,
        candidates_on=_day(request.candidates_on, chinese) if request.candidates_on else "",
        because=REASONS[because][chinese] if because else "",
    )


def _day(day: date, chinese: bool) -> str:
    return f"{day.month}月{day.day}日" if chinese else f"{day.day} {day:%B}"
