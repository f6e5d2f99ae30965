"""Openings (岗位); field names follow schema.org JobPosting."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field, model_validator
from pydantic_core import PydanticCustomError

from roost.events.account import NewEmployerId
from roost.events.common import (
    Education,
    Language,
    Line,
    Lines,
    Model,
    OpeningId,
    Place,
    Reference,
    Shift,
    Text,
    Wage,
)


class Workplace(StrEnum):
    """Kind of workplace: enterprise 企业, workshop 扶贫车间, incubator 创业园, farm 农场."""

    ENTERPRISE = "enterprise"
    WORKSHOP = "workshop"
    INCUBATOR = "incubator"
    FARM = "farm"


class OpeningStatus(StrEnum):
    """State of an opening; only an open one takes candidates."""

    OPEN = "open"
    PAUSED = "paused"
    FILLED = "filled"
    CLOSED = "closed"


class EmploymentType(StrEnum):
    """Type of employment (schema.org `employmentType`)."""

    FULL_TIME = "FULL_TIME"
    PART_TIME = "PART_TIME"
    CONTRACTOR = "CONTRACTOR"
    TEMPORARY = "TEMPORARY"
    INTERN = "INTERN"


class Organization(Model):
    """Employer (用工单位)."""

    id: NewEmployerId
    name: Line


class ReviewMark(Model):
    """Words of an opening that a person must review: an unlawful demand in an imported text."""

    field: Line = Field(description="field of the text: description, skills.0")
    criterion: Line = Field(description="criterion of the demand, such as age")
    words: Annotated[str, Field(min_length=1, max_length=300)]
    start: Annotated[int, Field(ge=0)] = Field(description="first character of the words")
    end: Annotated[int, Field(ge=1)] = Field(description="character after the last one")
    approved: bool = Field(False, description="found lawful by a station or the association")


class RefusalReason(StrEnum):
    """Reason for which an opening is not published, or is taken down."""

    DUPLICATE = "duplicate"
    DISCRIMINATING = "discriminating"
    NOT_REAL_WORK = "not_real_work"
    FEES_CHARGED = "fees_charged"
    NO_CONTACT = "no_contact"
    OTHER = "other"


SERIOUS = frozenset(
    {RefusalReason.DISCRIMINATING, RefusalReason.NOT_REAL_WORK, RefusalReason.FEES_CHARGED}
)
"""Reasons after which the employer's new openings wait for approval for `WATCHED`."""
WATCHED = timedelta(days=90)


class Refusal(Model):
    """Reasons of a refusal, at least one, each once; `other` needs words."""

    reasons: Annotated[tuple[RefusalReason, ...], Field(min_length=1, max_length=6)]
    text: Annotated[str, Field(max_length=500)] = Field(
        "", description="what the employer should know or change; part of the message to it"
    )

    @model_validator(mode="after")
    def _explained(self) -> Refusal:
        if len(set(self.reasons)) < len(self.reasons):
            raise PydanticCustomError("repeated_reason", "reasons names one of them twice")
        if RefusalReason.OTHER in self.reasons and not self.text:
            raise PydanticCustomError(
                "text_missing", "text is missing; the reason `other` needs words"
            )
        return self


class Appeal(Model):
    """Objection of an employer to a refusal: one for each decision."""

    text: Annotated[str, Field(min_length=1, max_length=1_000)]
    at: AwareDatetime


class Decision(Model):
    """Decision of a station or the association: an opening is approved, refused or taken down."""

    approved: bool = Field(description="false: it was closed by the decision")
    at: AwareDatetime
    refusal: Refusal | None = Field(
        None, description="reasons of a refusal; absent in records of earlier releases"
    )
    taken_down: bool = Field(
        False,
        exclude_if=lambda taken_down: not taken_down,
        description="true if it was published before",
    )
    decider: Annotated[str, Field(max_length=64)] | None = Field(
        None, description="derived from who decided, so that another person decides on an appeal"
    )
    appeal: Appeal | None = Field(None, description="objection that waits for a decision")
    final: bool = Field(
        False,
        exclude_if=lambda final: not final,
        description="true if an appeal was decided on: there is no further one",
    )

    @property
    def can_be_appealed(self) -> bool:
        """Return whether the employer may object."""
        return not self.approved and self.appeal is None and not self.final


class OpeningContent(Model):
    """Content of an opening, as the employer states it: everything except its id and status."""

    identifier: Reference | None = Field(None, description="employer's own reference")
    hiring_organization: Organization
    title: Line
    description: Text = ""
    skills: Lines = Field((), description="skills the work requires")
    preferred_skills: Lines = Field((), description="skills that help")
    licences_required: Lines = Field((), description="licences that the law requires for the work")
    occupational_category: Line | None = Field(None, description="occupation, by name or code")
    base_salary: Wage | None = None
    job_location: Place
    total_job_openings: Annotated[int, Field(ge=1, le=10_000)] = 1
    employment_type: EmploymentType = EmploymentType.FULL_TIME
    shifts: Annotated[tuple[Shift, ...], Field(max_length=5)] = ()
    lodging: bool = False
    meals: bool = False
    experience_requirements: Annotated[float, Field(ge=0, le=60)] = Field(
        0, description="required experience in years"
    )
    education_requirements: Education = Education.NONE
    date_posted: date | None = None
    job_start_date: date | None = None
    valid_through: date | None = Field(None, description="last day on which it is matched")
    workplace: Workplace = Workplace.ENTERPRISE
    job_benefits: Lines = ()
    in_language: Language = "zh"

    @model_validator(mode="after")
    def _dates(self) -> OpeningContent:
        posted, last = self.date_posted, self.valid_through
        if posted is not None and last is not None and last < posted:
            raise PydanticCustomError(
                "date_order", "validThrough is before datePosted; exchange or correct them"
            )
        return self


class Opening(OpeningContent):
    """Opening as stored in the topic `openings`."""

    id: OpeningId
    status: OpeningStatus = OpeningStatus.OPEN
    source: Line = Field("api", description="origin: api, a file's mapping, a partner")
    created_at: AwareDatetime | None = Field(
        None, description="time of the first record; edits keep it; absent in older records"
    )
    awaiting_approval: bool = Field(
        False, description="posted by a new employer; not matched until a station approves it"
    )

    review: Annotated[tuple[ReviewMark, ...], Field(max_length=200)] | None = Field(
        None, description="unlawful demands of an imported text; not matched until all are approved"
    )
    decision: Decision | None = Field(
        None, description="last decision of a station or the association, if it ever waited for one"
    )
    first_alike: tuple[str, ...] | None = Field(
        None,
        description="keys of the content as it was first posted, if an edit changed them since",
        exclude_if=lambda keys: keys is None,
    )

    @property
    def waits_for_approval(self) -> bool:
        """Return whether a station or the association must approve it before it is matched."""
        return self.awaiting_approval or any(not each.approved for each in self.review or ())

    @property
    def watched_until(self) -> datetime | None:
        """Return the time until which a serious refusal holds its employer's new openings."""
        decision = self.decision
        if decision is None or decision.approved or decision.refusal is None:
            return None
        return decision.at + WATCHED if SERIOUS & {*decision.refusal.reasons} else None

    @property
    def to_be_decided(self) -> bool:
        """Return whether a decision of a station or the association is due, also on an appeal."""
        if self.status is OpeningStatus.CLOSED:
            return self.decision is not None and self.decision.appeal is not None
        return self.waits_for_approval

    def can_be_matched(self, today: date) -> bool:
        """Return whether it is open and approved, and its last day has not passed."""
        if self.waits_for_approval:
            return False
        return self.status is OpeningStatus.OPEN and (
            self.valid_through is None or self.valid_through >= today
        )
