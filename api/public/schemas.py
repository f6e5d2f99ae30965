"""Responses of the public endpoints.

`JobPosting` and its parts follow schema.org, with the properties that Google's "Job posting
structured data" reads. They document the answers of `job_posting`.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from api.lists.answer_schemas import Documents, PageOf
from api.lists.totals import TotalField

URL = "https://jobs.example.com/v1/public/openings/o-aaaaaaaaaaaaaaaaaaaaaaaaaa"


class TypedPart(BaseModel):
    """Part of a posting: its schema.org type, and the properties of that type."""

    type_: str = Field(alias="@type", examples=["Organization"])
    name: str | None = None
    value: Any = None


class PostalAddress(BaseModel):
    """Address of the workplace, as far as it is known."""

    type_: str = Field(alias="@type", examples=["PostalAddress"])
    addressLocality: str = Field(examples=["太原市"])
    addressRegion: str | None = Field(None, examples=["山西省"])
    addressCountry: str | None = Field(None, examples=["CN"])


class GeoCoordinates(BaseModel):
    """Coordinates in degrees."""

    type_: str = Field(alias="@type", examples=["GeoCoordinates"])
    latitude: float
    longitude: float


class Workplace(BaseModel):
    """Place of work."""

    type_: str = Field(alias="@type", examples=["Place"])
    address: PostalAddress
    geo: GeoCoordinates | None = None


class Amount(BaseModel):
    """Wage or range of wages for one period."""

    type_: str = Field(alias="@type", examples=["QuantitativeValue"])
    unitText: str = Field(examples=["DAY"])
    value: float | None = None
    minValue: float | None = Field(None, examples=[280])
    maxValue: float | None = Field(None, examples=[350])


class Salary(BaseModel):
    """Wage in a currency."""

    type_: str = Field(alias="@type", examples=["MonetaryAmount"])
    currency: str = Field(examples=["CNY"])
    value: Amount


class JobPosting(BaseModel):
    """An open opening as schema.org JobPosting."""

    context: str = Field(alias="@context", examples=["https://schema.org/"])
    type_: str = Field(alias="@type", examples=["JobPosting"])
    id: str = Field(alias="@id", examples=[URL])
    url: str = Field(examples=[URL])
    title: str = Field(examples=["砌筑工"])
    description: str = Field(description="HTML", examples=["<p>砌筑工</p>"])
    identifier: TypedPart
    datePosted: str = Field(examples=["2026-11-25"])
    employmentType: str = Field(examples=["FULL_TIME"])
    hiringOrganization: TypedPart
    jobLocation: Workplace
    totalJobOpenings: int
    inLanguage: str = Field(examples=["zh"])
    directApply: bool
    validThrough: str | None = None
    baseSalary: Salary | None = None
    skills: str | None = Field(None, examples=["砌墙, 抹灰"])
    qualifications: str | None = None
    jobBenefits: str | None = None
    occupationalCategory: str | None = None
    jobStartDate: str | None = None
    experienceRequirements: dict[str, str | int] | None = None
    educationRequirements: dict[str, str] | None = None


class PostingPage(PageOf[JobPosting]):
    """A page of open openings, newest first."""


class Openings(BaseModel):
    """Page of open openings."""

    items: list[dict[str, Any]] = Field(description="schema.org JobPosting")
    next: str | None = None
    total: TotalField = None


PostingListing = Annotated[Openings, Documents(PostingPage)]
