"""Facts of requests for candidates: asked, answered, withdrawn. Pure."""

from __future__ import annotations

from datetime import date, datetime

from producers.facts import API
from roost.events.candidate_request import (
    CandidateRequest,
    DeclinedBecause,
    RequestContent,
    RequestDecision,
)
from roost.events.envelope import Record, record
from roost.rules.request_states import request_id


def candidates_requested(
    content: RequestContent,
    opening_id: str,
    employer_id: str,
    station_id: str | None,
    before: CandidateRequest | None,
    *,
    by: str,
    at: datetime,
) -> Record:
    """Record a request; it replaces the opening's former one."""
    return _recorded(
        CandidateRequest.from_content(
            content,
            id=request_id(opening_id),
            opening_id=opening_id,
            employer_id=employer_id,
            station_id=station_id,
            number=before.number + 1 if before is not None else 1,
            asked_at=at,
            asked_by=by,
            decision=RequestDecision.OPEN,
        ),
        at,
    )


def request_accepted(
    stored: CandidateRequest, candidates_on: date, *, by: str, at: datetime
) -> Record:
    """Record that the station will refer candidates from a day on."""
    return _decided(
        stored,
        RequestDecision.ACCEPTED,
        by,
        at,
        candidates_on=candidates_on,
        declined_because=None,
    )


def request_declined(
    stored: CandidateRequest, because: DeclinedBecause, *, by: str, at: datetime
) -> Record:
    """Record that the station declines a request."""
    return _decided(
        stored, RequestDecision.DECLINED, by, at, candidates_on=None, declined_because=because
    )


def request_withdrawn(stored: CandidateRequest, *, by: str, at: datetime) -> Record:
    """Record that a request was withdrawn; its note is erased."""
    return _decided(stored, RequestDecision.WITHDRAWN, by, at, note=None)


def _decided(
    stored: CandidateRequest, decision: RequestDecision, by: str, at: datetime, **changes: object
) -> Record:
    decided = {"decision": decision, "decided_at": at, "decided_by": by, **changes}
    return _recorded(stored.model_copy(update=decided), at)


def _recorded(request: CandidateRequest, at: datetime) -> Record:
    return record(request, request.id, source=API, at=at)
