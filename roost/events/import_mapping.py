"""Named mappings of columns to fields, saved by the people who import files."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from roost.events.common import Line, Model

ImportKind = Literal["openings", "profiles"]
MappingId = Annotated[str, Field(pattern=r"^g-[a-z2-7]{26}$")]
ColumnName = Annotated[str, Field(min_length=1, max_length=200)]
MOST_COLUMNS = 500


class ChosenColumn(Model):
    """Column of a file, the field it is read into, and the order of its days if it was asked."""

    column: ColumnName
    field: Annotated[str, Field(max_length=40)] = Field("", description="empty: not imported")
    order: Literal["day-first", "month-first"] | None = None


class SavedMapping(Model):
    """Mapping that is proposed for files with the same columns."""

    id: MappingId
    owner: Annotated[str, Field(min_length=1, max_length=100)] = Field(
        description="employer, station or account whose people use it"
    )
    name: Line
    kind: ImportKind
    columns: Annotated[tuple[ChosenColumn, ...], Field(min_length=1, max_length=MOST_COLUMNS)]
    saved_at: datetime
    saved_by: str
