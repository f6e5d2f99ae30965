"""Requests and answers about requests for candidates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pydantic import AwareDatetime, Field, model_validator
from pydantic_core import PydanticCustomError

from roost.events.account import EmployerId
from roost.events.candidate_request import DeclinedBecause
from roost.events.common import Model, OpeningId, RequestId, StationId
from roost.rules.request_states import RequestState


class AnswerToRequest(Model):
    """Answer of the station: a day for the first candidates, or a reason for declining."""

    candidates_on: date | None = Field(
        None, description="accepts the request: day of the first candidates"
    )
    declined_because: DeclinedBecause | None = Field(None, description="declines the request")

    @model_validator(mode="after")
    def _one_of_two(self) -> AnswerToRequest:
        if (self.candidates_on is None) == (self.declined_because is None):
            raise PydanticCustomError(
                "station_answer", "give candidatesOn to accept, or declinedBecause to decline"
            )
        return self


class CandidateRequestAnswer(Model):
    """The newest request for candidates of an opening."""

    id: RequestId
    opening_id: OpeningId
    employer_id: EmployerId
    station_id: StationId | None = None
    number: int = Field(description="number of requests for the opening so far")
    state: RequestState
    wanted: int
    referred: int = Field(description="people who were referred since the request")
    needed_by: date
    note: str | None = None
    asked_at: AwareDatetime
    decided_at: AwareDatetime | None = None
    candidates_on: date | None = None
    declined_because: DeclinedBecause | None = None
    version: int


class ListedRequest(CandidateRequestAnswer):
    """A request that waits for the station, with the title of its opening."""

    title: str
    employer: str


class RequestList(Model):
    """Requests that wait for the caller's stations, the most urgent first."""

    items: Sequence[ListedRequest]
