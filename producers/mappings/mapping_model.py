"""Mapping files: rules that read the fields of a record from the columns of a file.

`roost/data/mappings/README.md` describes the format.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from producers.values import DayOrder
from roost.events.common import Currency, WageUnit

RuleKind = Literal[
    "text", "html", "lines", "slug", "number", "integer", "date", "day", "list", "yes", "borough",
    "wage", "pay-period", "currency", "person-number", "reference", "education", "experience",
    "months", "shift", "phone", "place", "places", "employer", "lodging", "meals", "employment",
]  # fmt: skip
"""Way in which a rule reads its cells."""


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _pattern(text: str) -> str:
    """Return the text. Raises ValueError if it is no regular expression."""
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from None
    return text


Pattern = Annotated[str, AfterValidator(_pattern)]
Columns = Annotated[tuple[str, ...], BeforeValidator(_as_list)]
"""Names of columns; `电话|手机` names alternatives, of which the first with a value counts."""


class Rule(BaseModel):
    """Rule by which one field is read from a row."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, frozen=True)

    columns: Columns = Field((), alias="from")
    value: Any = None
    kind: RuleKind = Field("text", alias="as")
    split: str | None = None
    lookup: dict[str, str] | None = None
    otherwise: str | None = None
    unit: str | None = Field(None, description="column with the pay period of a wage")
    empty_unit: WageUnit | None = Field(None, description="pay period of a wage without one")
    currency: Currency | None = Field(None, description="currency of a wage without one")
    currency_column: str | None = None
    code: str | None = Field(None, description="column with an employer's credit code")
    id: str | None = Field(None, description="column with an employer's id, as the file gives it")
    identity: str | None = Field(
        None, description="column with identity numbers, whose keyed hash identifies a person"
    )
    order: DayOrder | None = Field(None, description="order of days and months")

    def all_columns(self) -> tuple[str, ...]:
        """Return every column that the rule reads, alternatives together."""
        more = (self.unit, self.currency_column, self.code, self.id, self.identity)
        return (*self.columns, *(each for each in more if each is not None))


class Mapping(BaseModel):
    """Mapping file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = Field(pattern=r"^[\w.-]{1,64}$")
    kind: Literal["openings", "profiles", "stations"] | None = None
    reads: Literal["tables", "json"] = "tables"
    repeats: Literal["first", "last"] = "last"
    shifted: dict[str, Pattern] = {}
    ignore: tuple[str, ...] = Field((), description="columns that are knowingly not read")
    fields: dict[str, Rule]
    is_direct: bool = Field(False, exclude=True)
    """True if the columns are named like fields, and JSON is passed on as it is."""

    def columns(self) -> Iterator[str]:
        """Yield the names of the columns that the rules read, each alternative by itself."""
        for rule in self.fields.values():
            for column in rule.all_columns():
                yield from alternatives(column)


def alternatives(column: str) -> list[str]:
    """Return the names of which a rule reads the first with a value."""
    return [each.strip() for each in column.split("|") if each.strip()]
