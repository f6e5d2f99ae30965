"""State of a request for candidates, from its record, the referrals since, and the date. Pure.

A request for N candidates is fulfilled by N referrals made after it, and it expires with its last
day. So two facts that exist already decide it, and no second writer changes the record.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum

from roost import ids
from roost.events.candidate_request import CandidateRequest, RequestDecision
from roost.events.notification import Notification, NotificationKind, Recipient, RecipientKind

STEPS = 10
"""Versions of notifications that each request of an opening has."""
TOLD_FOR = timedelta(days=7)
"""Time after its last day for which the end of a request is still news."""


class RequestState(StrEnum):
    """State of a request as pages and messages show it."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    FULFILLED = "fulfilled"
    EXPIRED = "expired"

    @property
    def is_live(self) -> bool:
        """Whether the station is still to do something about it."""
        return self in {RequestState.OPEN, RequestState.ACCEPTED}


TOLD_TO_EMPLOYER = (
    RequestState.ACCEPTED,
    RequestState.DECLINED,
    RequestState.FULFILLED,
    RequestState.EXPIRED,
)
"""States that its employer is notified of, in the order of their versions."""


def request_id(opening_id: str) -> str:
    """Return the id of the record of an opening's requests."""
    return ids.derive("y", "candidates", opening_id)


def request_state(request: CandidateRequest, referred: int, today: date) -> RequestState:
    """Return the state, with the number of referrals made since the request."""
    if request.decision is RequestDecision.WITHDRAWN:
        return RequestState.WITHDRAWN
    if request.decision is RequestDecision.DECLINED:
        return RequestState.DECLINED
    if referred >= request.wanted:
        return RequestState.FULFILLED
    if request.needed_by < today:
        return RequestState.EXPIRED
    return RequestState(request.decision.value)


def request_news(request: CandidateRequest) -> Iterator[Notification]:
    """Yield the notifications of a record: to the station if it is open, else to the employer."""
    if request.decision is RequestDecision.OPEN and request.station_id is not None:
        recipient = Recipient(kind=RecipientKind.STATION, id=request.station_id)
        kind = NotificationKind.CANDIDATES_REQUESTED
        yield _notification(request, recipient, kind, request.number, request.asked_at)
    if request.decision in {RequestDecision.ACCEPTED, RequestDecision.DECLINED}:
        yield state_news(request, RequestState(request.decision.value), request.asked_at)


def state_news(request: CandidateRequest, state: RequestState, at: datetime) -> Notification:
    """Return the notification of a state to the employer, one a request and state."""
    id = ids.employer_key(request.employer_id)
    recipient = Recipient(kind=RecipientKind.EMPLOYER, id=id)
    version = request.number * STEPS + TOLD_TO_EMPLOYER.index(state)
    kind = NotificationKind.CANDIDATES_ANSWERED
    return _notification(request, recipient, kind, version, request.decided_at or at)


def told_state(notification: Notification) -> RequestState:
    """Return the state that a notification to the employer is about."""
    return TOLD_TO_EMPLOYER[notification.version % STEPS]


def told_number(notification: Notification) -> int:
    """Return the number of the request that a notification is about."""
    to_station = notification.kind is NotificationKind.CANDIDATES_REQUESTED
    return notification.version if to_station else notification.version // STEPS


def request_obstacle(notification: Notification, request: CandidateRequest | None) -> str:
    """Return why news of a request is not sent; empty if the record still says so."""
    if request is None or request.number != told_number(notification):
        return "the opening has another request"
    if notification.kind is NotificationKind.CANDIDATES_REQUESTED:
        is_open = request.decision is RequestDecision.OPEN
        return "" if is_open else "the request was answered or withdrawn"
    state = told_state(notification)
    if state in {RequestState.ACCEPTED, RequestState.DECLINED}:
        return "" if request.decision.value == state.value else "the answer has changed"
    withdrawn = request.decision in {RequestDecision.WITHDRAWN, RequestDecision.DECLINED}
    return "the request has ended" if withdrawn else ""


def request_pending(notification: Notification, request: CandidateRequest | None) -> bool:
    """Return whether the view lags behind the news."""
    if request is None or request.number < told_number(notification):
        return True
    if notification.kind is NotificationKind.CANDIDATES_REQUESTED:
        return False
    answered = told_state(notification) in {RequestState.ACCEPTED, RequestState.DECLINED}
    same = request.number == told_number(notification)
    return answered and same and request.decision is RequestDecision.OPEN


def _notification(
    request: CandidateRequest,
    recipient: Recipient,
    kind: NotificationKind,
    version: int,
    at: datetime,
) -> Notification:
    return Notification(
        id=ids.notification_id(recipient.id, request.id, kind.value, version),
        recipient=recipient,
        kind=kind,
        opening_id=request.opening_id,
        request_id=request.id,
        version=version,
        caused_at=at,
    )
