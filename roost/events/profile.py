"""Workers' profiles (求职档案); field names follow JSON Resume where it has one.

A profile holds the minimum of data that matching and notification need. Sex, ethnicity,
religion, hukou, family state, health and date of birth have no field, so they can be neither
stored nor scored.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field, model_validator
from pydantic_core import PydanticCustomError

from roost.events.common import (
    Education,
    Language,
    Line,
    Lines,
    Model,
    Place,
    Reference,
    Shift,
    Text,
    Wage,
    WorkerId,
    one_line,
    printable,
)
from roost.events.preferences import ChannelKind, Preferences

MOST_NUMBERS = 20
"""Numbers of one person in other rosters."""


MOST_OWN_CHANGES = 50
"""Fields that a person has changed; more than a profile has."""


def _is_empty(value: object) -> bool:
    return not value


class ProfileStatus(StrEnum):
    """State of a profile: looking for work, or paused."""

    ACTIVE = "active"
    PAUSED = "paused"


class Channel(Model):
    """Channel on which a recipient is reached, and the address there."""

    kind: ChannelKind
    address: Annotated[
        str, Field(max_length=320), AfterValidator(printable), AfterValidator(one_line)
    ] = Field(
        "",
        description="one telephone number, e-mail address or account; never a URL. Stored in one "
        "spelling, e.g. `+8613800138000`",
    )
    confirmed: bool = Field(
        True,
        exclude_if=bool,
        description="false until the worker confirms an address that they entered: it receives "
        "only its code; set by the service, whatever a request says; left out while true",
    )

    @model_validator(mode="after")
    def _addressed(self) -> Channel:
        if self.kind is not ChannelKind.INBOX and not self.address:
            raise PydanticCustomError("address", "This kind of channel needs an address")
        return self


class Willing(Model):
    """Places where a worker is willing to work: by name, by radius, or only near home."""

    places: Lines = Field((), description="gazetteer keys, e.g. `cn:1101`, `nyc:brooklyn`")
    radius_km: Annotated[float, Field(gt=0, le=5_000)] | None = None
    near_home_only: bool = False


class RegisteredHousehold(Model):
    """A registered low-income household (建档立卡户): used only with the worker's consent."""

    registered: bool
    consent: bool = False


class Visibility(Model):
    """Fields that an employer sees before the worker has accepted one of the employer's matches."""

    name: bool = False
    contact: bool = Field(False, description="telephone number and other addresses")
    experience: bool = Field(True, description="skills, licences, experience, education")


class ProfileContent(Model):
    """Content of a profile: everything except its id and source."""

    identifier: Reference | None = Field(None, description="number in the roster it comes from")
    name: Line
    summary: Text = ""
    skills: Lines = ()
    licences: Lines = ()
    occupations_wanted: Lines = ()
    experience_years: Annotated[float, Field(ge=0, le=70)] = 0
    education: Education = Education.NONE
    wage_wanted: Wage | None = None
    home: Place = Field(description="home township (家乡)")
    location: Place = Field(description="current residence")
    willing: Willing = Willing()
    available_from: date | None = None
    shifts: Annotated[tuple[Shift, ...], Field(max_length=5)] = ()
    needs_lodging: bool = False
    of_working_age: bool = Field(True, description="at or above the legal working age")
    registered_household: RegisteredHousehold | None = None
    languages: Annotated[tuple[Language, ...], Field(max_length=20)] = ("zh",)
    channels: Annotated[tuple[Channel, ...], Field(max_length=10)] = (
        Channel(kind=ChannelKind.INBOX),
    )
    preferences: Preferences = Preferences()
    shown_to_employers: Visibility = Visibility()
    status: ProfileStatus = ProfileStatus.ACTIVE


class RosterNumber(Model):
    """Number of a person in another roster, which a clerk assigned to the profile."""

    source: Line = Field(description="roster or register that the number comes from")
    identifier: Reference


class OwnChange(Model):
    """Field that the person changed last, which no roster changes."""

    field: Line = Field(description="name of the field on the wire")
    at: AwareDatetime


class Profile(ProfileContent):
    """Profile as stored in the topic `profiles`."""

    id: WorkerId
    source: Line = "api"
    created_at: AwareDatetime | None = Field(
        None, description="time of the first record; edits keep it; absent in older records"
    )
    other_numbers: Annotated[tuple[RosterNumber, ...], Field(max_length=MOST_NUMBERS)] = Field(
        (),
        exclude_if=_is_empty,
        description="the person's numbers in other rosters; set by the service, left out if none",
    )

    own_changes: Annotated[tuple[OwnChange, ...], Field(max_length=MOST_OWN_CHANGES)] = Field(
        (),
        exclude_if=_is_empty,
        description="fields that the person changed last, with the time; set by the service, left "
        "out if there are none",
    )

    @property
    def can_be_matched(self) -> bool:
        """Whether the worker is looking for work and of working age."""
        return self.status is ProfileStatus.ACTIVE and self.of_working_age

    @property
    def boost_consented(self) -> bool:
        """Whether the worker is of a registered household and consents to the priority."""
        household = self.registered_household
        return household is not None and household.registered and household.consent
