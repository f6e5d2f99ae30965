"""Value types that several events share: text, places, wages, education levels.

On the wire, names are camelCase. They follow schema.org (JobPosting, MonetaryAmount, Place) and
JSON Resume where those have a name. In Python they are snake_case.

Requests are read strictly: an unknown field is an error. Stored events are read tolerantly: an
unknown field comes from a newer release and is ignored (`Model.from_stored`, `envelope.decode`).
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from roost import ids
from roost.text.invisible import shown_line
from roost.text.references import shown_reference

AnyModel = TypeVar("AnyModel", bound=BaseModel)

STORED = MappingProxyType({"stored": True})
"""Validation context of values that a release of Roost wrote: it may have accepted more."""


class Model(BaseModel):
    """Base of every event and request: immutable, camelCase on the wire, strict by default."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
        str_strip_whitespace=True,
        allow_inf_nan=False,
    )

    @classmethod
    def from_stored(cls, fact: Any) -> Self:
        """Validate plain values that a release of Roost wrote; ignore unknown fields at any depth.

        Raises pydantic's ValidationError for anything else that is wrong.
        """
        return cls.model_validate(fact, extra="ignore", context=STORED)

    @classmethod
    def from_content(cls, content: Model, **own: Any) -> Self:
        """Return an event with the fields of valid content and more, none of them validated again.

        A field given in `own` replaces that of the content. All of them count as set.
        """
        return blank_model(cls).model_copy(update={**content.__dict__, **own})

    def to_json(self) -> bytes:
        """Return UTF-8 JSON as it goes into a topic: camelCase, unset optional fields left out."""
        return self.model_dump_json(by_alias=True, exclude_none=True).encode("utf-8")

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON content as plain values."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


@cache
def blank_model(model: type[AnyModel]) -> AnyModel:
    """Return a model to copy: each field is at its default or None, in order, and none is set."""
    required = [name for name, info in model.model_fields.items() if info.is_required()]
    return model.model_construct(_fields_set=set(), **dict.fromkeys(required))


def printable(text: str) -> str:
    """Return the text. Raises PydanticCustomError for control characters."""
    if text.isprintable():
        return text
    for character in text:
        if unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\t\r":
            raise PydanticCustomError(
                "unprintable", "Control characters are not allowed; remove them"
            )
    return text


def one_line(text: str) -> str:
    """Return the text. Raises PydanticCustomError for line breaks and tabs."""
    if any(mark in text for mark in "\n\r\t"):
        raise PydanticCustomError("one_line", "Must be a single line; remove the line breaks")
    return text


def without_invisible(value: Any, info: ValidationInfo) -> Any:
    """Return a name or title without invisible characters that its script does not need.

    A stored one that shows nothing stays as it is: without it the whole record could not be read.
    """
    if not isinstance(value, str):
        return value
    shown = shown_line(value)
    return shown if shown.strip() or info.context is not STORED else value


def unwrapped(value: Any) -> Any:
    """Return a reference without invisible characters and a spreadsheet's wrapping."""
    return shown_reference(value) if isinstance(value, str) else value


Text = Annotated[str, Field(max_length=20_000), AfterValidator(printable)]
Line = Annotated[
    str,
    Field(min_length=1, max_length=300),
    AfterValidator(printable),
    AfterValidator(one_line),
    BeforeValidator(without_invisible),
]
"""A name, a title or another single line; invisible characters are removed on entry."""
Reference = Annotated[Line, BeforeValidator(unwrapped)]
"""A number or reference that another party gave to its record."""
Lines = Annotated[tuple[Line, ...], Field(max_length=100)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", examples=["zh", "en"])]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["CNY", "USD"])]

WorkerId = Annotated[str, Field(pattern=r"^w-[a-z2-7]{26}$")]
OpeningId = Annotated[str, Field(pattern=r"^o-[a-z2-7]{26}$")]
StationId = Annotated[str, Field(pattern=r"^s-[a-z2-7]{26}$")]
MatchId = Annotated[str, Field(pattern=ids.MATCH_ID_PATTERN)]
NotificationId = Annotated[str, Field(pattern=r"^n-[a-z2-7]{26}$")]
NoticeId = Annotated[str, Field(pattern=r"^b-[a-z2-7]{26}$")]
MessageId = Annotated[str, Field(pattern=r"^d-[a-z2-7]{26}$")]
NoteId = Annotated[str, Field(pattern=r"^j-[a-z2-7]{26}$")]
SavedSearchId = Annotated[str, Field(pattern=r"^q-[a-z2-7]{26}$")]
WebhookId = Annotated[str, Field(pattern=r"^h-[a-z2-7]{26}$")]
RequestId = Annotated[str, Field(pattern=r"^y-[a-z2-7]{26}$")]
SlotId = Annotated[str, Field(pattern=ids.SLOT_ID_PATTERN)]


class Place(Model):
    """Place: a name, and if known its code in a named scheme and its coordinates in degrees."""

    name: Line
    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,32}$")] | None = None
    scheme: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")] | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None

    @model_validator(mode="after")
    def _pairs(self) -> Place:
        if (self.code is None) != (self.scheme is None):
            raise PydanticCustomError("place_code", "code and scheme go together; give both")
        if (self.latitude is None) != (self.longitude is None):
            raise PydanticCustomError("place_point", "latitude and longitude go together")
        return self

    @property
    def key(self) -> str | None:
        """The gazetteer key `scheme:code`; None if the place has no code."""
        return f"{self.scheme}:{self.code}" if self.code else None


class WageUnit(StrEnum):
    """Pay period: schema.org `unitText`, and the piece rate that workshops pay."""

    HOUR = "HOUR"
    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"
    YEAR = "YEAR"
    PIECE = "PIECE"


MONTHLY = {
    WageUnit.HOUR: 174.0,
    WageUnit.DAY: 21.75,
    WageUnit.WEEK: 4.35,
    WageUnit.MONTH: 1.0,
    WageUnit.YEAR: 1 / 12,
}
"""Pay periods per month, by unit: 21.75 paid days a month of 8 hours each, 4.35 weeks a month.

Source: Ministry of Human Resources and Social Security, notice 2008/3, kept in notice 2025/2.
"""

Amount = Annotated[float, Field(ge=0, le=100_000_000)]


class Wage(Model):
    """A wage or a wage range with its currency and period (schema.org MonetaryAmount, flat)."""

    currency: Currency = "CNY"
    min_value: Amount | None = None
    max_value: Amount | None = None
    unit_text: WageUnit = WageUnit.MONTH
    pieces_per_day: Annotated[float, Field(gt=0, le=100_000)] | None = None

    @model_validator(mode="after")
    def _range(self) -> Wage:
        if self.min_value is None and self.max_value is None:
            raise PydanticCustomError("wage_empty", "Give minValue, maxValue or both")
        if (
            self.min_value is not None
            and self.max_value is not None
            and self.min_value > self.max_value
        ):
            raise PydanticCustomError("wage_range", "minValue is above maxValue; exchange the two")
        return self

    def per_month(self) -> tuple[float, float] | None:
        """Return the lowest and highest wage a month, rounded to a hundredth of the currency unit.

        Returns None for a piece rate without `pieces_per_day`.
        """
        if self.unit_text is WageUnit.PIECE:
            if self.pieces_per_day is None:
                return None
            factor = self.pieces_per_day * MONTHLY[WageUnit.DAY]
        else:
            factor = MONTHLY[self.unit_text]
        low = self.min_value if self.min_value is not None else self.max_value
        high = self.max_value if self.max_value is not None else self.min_value
        assert low is not None
        assert high is not None
        return round(low * factor, 2), round(high * factor, 2)


class Education(StrEnum):
    """Education levels in rising order; compare them by `order`."""

    NONE = "none"
    PRIMARY = "primary"
    JUNIOR = "junior"
    SENIOR = "senior"
    VOCATIONAL = "vocational"
    COLLEGE = "college"
    BACHELOR = "bachelor"
    MASTER = "master"
    DOCTOR = "doctor"

    @property
    def order(self) -> int:
        """Position in the order of levels, from 0 for no education."""
        return list(Education).index(self)


class Shift(StrEnum):
    """Working-time pattern."""

    DAY = "day"
    NIGHT = "night"
    ROTATING = "rotating"
    WEEKEND = "weekend"
    FLEXIBLE = "flexible"
