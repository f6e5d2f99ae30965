"""Openings (岗位); field names follow schema.org JobPosting."""

from __future__ import annotations

from datetime import date
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


class Decision(Model):
    """Decision of a station or the association on an opening that waited for approval."""

    approved: bool = Field(description="false: it was closed while it waited")
    at: AwareDatetime


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

    def can_be_matched(self, today: date) -> bool:
        """Return whether it is open and approved, and its last day has not passed."""
        if self.waits_for_approval:
            return False
        return self.status is OpeningStatus.OPEN and (
            self.valid_through is None or self.valid_through >= today
        )
