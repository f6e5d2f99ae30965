"""Decisions on employers' names in files that state no credit code, kept for later files."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from roost.events.account import EmployerId
from roost.events.common import Model

EmployerNameId = Annotated[str, Field(pattern=r"^l-[a-z2-7]{26}$")]
LONGEST_NAME = 1_000
"""Characters of a comparable name of an employer."""
MOST_OTHERS = 5
"""Stored employers whom a decision can rule out."""
ComparableName = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]


class EmployerName(Model):
    """Decision whose employer a name is: a stored one's, or none of those that were found.

    A tombstone takes it back. Names whose employer is undecided have no record.
    """

    id: EmployerNameId = Field(description="derived from `owner` and `name`")
    owner: Annotated[str, Field(min_length=1, max_length=100)] = Field(
        description="employer, station, account or county whose imports follow it"
    )
    name: ComparableName = Field(description="name in the form that its spellings share")
    same_as: EmployerId | None = Field(None, description="the employer whose name it is")
    different_from: Annotated[tuple[EmployerId, ...], Field(max_length=MOST_OTHERS)] = Field(
        (), description="employers of that name who are others"
    )
    decided_at: datetime
    decided_by: str = Field(description="account, key or `command-line`")
