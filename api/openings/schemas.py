"""Requests and responses of the openings endpoints, apart from the opening itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from api.lists.answer_schemas import Documents, FactAnswer, PageOf
from api.lists.paging import Listing
from roost.events.common import Model
from roost.events.opening import Opening, OpeningStatus
from roost.extraction.extracted import Field as SuggestedField


class Verb(StrEnum):
    """Status change of an opening, as it appears in a path."""

    CLOSE = "close"
    PAUSE = "pause"
    FILL = "fill"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class StatusChange:
    """Status that a verb sets, and the statuses in which pages offer the verb."""

    status: OpeningStatus
    offered_in: frozenset[OpeningStatus]


S = OpeningStatus
STATUS_CHANGES: Mapping[Verb, StatusChange] = {
    Verb.REOPEN: StatusChange(S.OPEN, frozenset({S.PAUSED, S.FILLED, S.CLOSED})),
    Verb.PAUSE: StatusChange(S.PAUSED, frozenset({S.OPEN})),
    Verb.FILL: StatusChange(S.FILLED, frozenset({S.OPEN})),
    Verb.CLOSE: StatusChange(S.CLOSED, frozenset({S.OPEN, S.PAUSED, S.FILLED})),
}
"""Status changes by verb, in the order of pages.

The API takes a verb in any status, so that a repeated request succeeds.
"""


def verbs_offered(status: OpeningStatus) -> tuple[Verb, ...]:
    """Return the verbs that pages offer for an opening in a status."""
    return tuple(verb for verb, change in STATUS_CHANGES.items() if status in change.offered_in)


class Excluded(Model):
    """Number of workers that one demand of an opening excludes."""

    constraint: str = Field(description="place, currency, wage, availability, licence, shift …")
    excluded: int = Field(description="workers who do not meet it")
    would_gain: int = Field(description="workers who meet every other demand")


class Reach(Model):
    """Number of workers an opening would reach, rounded down; 0 means fewer than 5."""

    workers: int = Field(description="workers who can be matched at all")
    reached: int = Field(description="those of them who meet every demand")
    excluded: list[Excluded] = Field(description="the demand that would gain most first")


class Suggestion(Model):
    """Value for a field of an opening, with the words of its text that state it."""

    field: SuggestedField = Field(description="field of the opening; contactHours has none")
    value: str | float | int | bool = Field(examples=["焊工证"])
    source: str = Field(description="field of the text", examples=["description"])
    words: str = Field(examples=["焊工证"])
    start: int = Field(ge=0, description="first character of the words")
    end: int = Field(ge=1, description="character after the last one")


class Suggestions(Model):
    """Suggestions for the fields of an opening, in the order of its texts; at most 40."""

    items: list[Suggestion]


EXAMPLES: Any = {
    "zh": {
        "summary": "砌筑工",
        "value": {
            "identifier": "2026-118",
            "hiringOrganization": {"id": "taiyuan-jianzhu", "name": "太原示例建筑公司"},
            "title": "砌筑工",
            "skills": ["砌墙", "抹灰"],
            "baseSalary": {
                "currency": "CNY",
                "minValue": 280,
                "maxValue": 350,
                "unitText": "DAY",
            },
            "jobLocation": {"name": "山西省太原市"},
            "totalJobOpenings": 6,
            "lodging": True,
            "meals": True,
        },
    },
    "en": {
        "summary": "Electrician",
        "value": {
            "hiringOrganization": {"id": "parks", "name": "Department of Parks"},
            "title": "Electrician",
            "skills": ["wiring"],
            "baseSalary": {"currency": "USD", "minValue": 78000, "unitText": "YEAR"},
            "jobLocation": {"name": "Brooklyn"},
            "inLanguage": "en",
        },
    },
}


class Objection(Model):
    """Objection to the refusal of an opening."""

    text: Annotated[str, Field(min_length=1, max_length=1_000)]


class OpeningAnswer(Opening, FactAnswer):
    """An opening with its version."""


class OpeningPage(PageOf[OpeningAnswer]):
    """A page of openings, newest first."""


OpeningFact = Annotated[dict[str, Any], Documents(OpeningAnswer)]
OpeningListing = Annotated[Listing, Documents(OpeningPage)]
