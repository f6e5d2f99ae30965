"""Bodies of the profiles endpoints, the filter of their list, and an example."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field, SecretStr

from api.lists.answer_schemas import Documents, FactAnswer, PageOf
from api.lists.paging import Listing
from api.writes.publishing import Accepted
from roost.events.common import Model, WorkerId
from roost.events.preferences import ChannelKind
from roost.events.profile import Profile, ProfileStatus
from roost.events.suppression import ConsentBasis
from roost.likeness.same_person import Sign


@dataclass(frozen=True, slots=True)
class ProfileFilter:
    """Conditions of a list of workers; an empty one filters nothing."""

    place: str | None = None
    """Name or key of a place where the worker lives; includes every place within it."""
    home: str | None = None
    """Name or key of the home township or of a place that contains it."""
    occupation: str | None = None
    status: ProfileStatus | None = None
    identifier: str | None = None
    """Number of the worker, whatever roster it comes from."""


class LooksLike(Model):
    """Stored worker who may be the person of a registration, and the signs of it."""

    id: WorkerId
    self_: str = Field(alias="self", description="path of the worker")
    signs: tuple[Sign, ...] = Field(description="signs that it is the same person")


class RegisteredWorker(Accepted):
    """Registration that Kafka has acknowledged, and stored workers who look like the new one."""

    looks_like: Annotated[tuple[LooksLike, ...], Field(serialization_alias="looksLike")] = ()


class NewConsent(Model):
    """New consent of an erased worker."""

    basis: ConsentBasis = Field(description="form of the consent")
    consented_on: date = Field(description="day of the consent")


class SentCode(Model):
    """A code on its way to an address."""

    kind: ChannelKind
    address: str = Field(description="the address that it is sent to")
    valid_until: datetime


class TypedCode(Model):
    """The code that the worker received."""

    code: Annotated[SecretStr, Field(min_length=6, max_length=12)] = Field(
        description="six digits; spaces do not count", examples=["204816"]
    )


EXAMPLES: Any = {
    "zh": {
        "summary": "电焊工",
        "value": {
            "identifier": "A-1024",
            "name": "示例人员",
            "skills": ["焊接", "切割"],
            "licences": ["焊工证"],
            "occupationsWanted": ["电焊工"],
            "experienceYears": 6,
            "education": "junior",
            "wageWanted": {"currency": "CNY", "minValue": 7000, "unitText": "MONTH"},
            "home": {"name": "岭泉镇"},
            "location": {"name": "北京市丰台区"},
            "willing": {"places": ["北京市", "天津市"]},
        },
    }
}


class ProfileAnswer(Profile, FactAnswer):
    """A worker's profile with its version."""


class ProfilePage(PageOf[ProfileAnswer]):
    """A page of workers, newest first."""


ProfileFact = Annotated[dict[str, Any], Documents(ProfileAnswer)]
ProfileListing = Annotated[Listing, Documents(ProfilePage)]
