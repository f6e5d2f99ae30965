"""Requests for candidates (推荐请求): an employer asks the station for people for an opening.

An opening has one record, keyed by an id that derives from the opening, so it has at most one
request at a time. The record holds what people decided. Whether a request is fulfilled or has
expired follows from the referrals and the date (`roost.rules.request_states`).
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from roost.events.account import EmployerId
from roost.events.common import Model, OpeningId, RequestId, StationId, Text
from roost.events.match import ActorId

MOST_WANTED = 50
"""Most candidates that one request asks for."""
LONGEST_NOTE = 300
"""Maximum length of the employer's note, in characters."""


class RequestDecision(StrEnum):
    """Newest decision of a person about a request."""

    OPEN = "open"
    """It waits for the station."""
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class DeclinedBecause(StrEnum):
    """Reason for which a station declines a request."""

    NOBODY_SUITABLE = "nobody_suitable"
    TERMS = "terms"
    """The terms of the opening, such as the wage, keep people away."""
    NO_CAPACITY = "no_capacity"
    OPENING_UNCLEAR = "opening_unclear"
    OTHER_STATION = "other_station"
    """Another station has people for it."""


class RequestContent(Model):
    """Content of a request, as the employer states it."""

    wanted: Annotated[int, Field(ge=1, le=MOST_WANTED)] = Field(
        description="number of candidates that are asked for"
    )
    needed_by: date = Field(description="last day of the request, in the county's calendar")
    note: Annotated[Text, Field(min_length=1, max_length=LONGEST_NOTE)] | None = Field(
        None, description="for the station; name no person"
    )


class CandidateRequest(RequestContent):
    """Record as stored in the topic `candidate-requests`; a withdrawn one has no note."""

    id: RequestId
    opening_id: OpeningId
    employer_id: EmployerId
    station_id: StationId | None = Field(None, description="station that serves the workplace")
    number: int = Field(1, ge=1, description="number of requests for the opening so far")
    asked_at: AwareDatetime
    asked_by: ActorId
    decision: RequestDecision = RequestDecision.OPEN
    decided_at: AwareDatetime | None = None
    decided_by: ActorId | None = None
    candidates_on: date | None = Field(None, description="accepted: day of the first candidates")
    declined_because: DeclinedBecause | None = None

    @property
    def may_be_answered(self) -> bool:
        """Whether the station may still accept or decline it."""
        return self.decision in {RequestDecision.OPEN, RequestDecision.ACCEPTED}
