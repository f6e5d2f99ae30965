"""Answers of the API, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import Field

from roost.events.common import Model
from roost.events.import_job import ImportState

Value = TypeVar("Value", bound=Model)


@dataclass(frozen=True, slots=True)
class Read(Generic[Value]):
    """Object at a version; `tag` is its ETag, which an edit sends in `If-Match`."""

    value: Value
    version: int
    tag: str


def read_of(kind: type[Value], answer: dict[str, Any], tag: str | None = None) -> Read[Value]:
    """Return an object from an answer, ignoring fields that this release does not know."""
    fact = {name: value for name, value in answer.items() if name != "version"}
    version = int(answer["version"])
    return Read(kind.from_stored(fact), version, tag or f'"{version}"')


class Accepted(Model):
    """Acknowledged write; `replayed` if it had already been done under the same key."""

    id: str
    version: int
    searchable: bool
    where: str = Field(alias="self")
    replayed: bool = False


class Import(Model):
    """Bulk import: its state, progress (0 to 1) and counts of rows."""

    id: str
    state: ImportState
    progress: float
    format: str
    mapping: str | None = None
    dry_run: bool = False
    rows: int
    read: int
    published: int
    unchanged: int
    repeated: int
    rejected: int
    why: str = ""
    errors: str
    created_at: datetime
    updated_at: datetime


class Changed(Model):
    """One change of the feed; `cursor` is the position after it."""

    type: str
    id: str
    version: int
    at: datetime
    erased: bool = False
    data: dict[str, Any] | None = None
    cursor: str = ""
