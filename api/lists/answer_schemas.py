"""Schemas of stored facts in the OpenAPI document.

A fact is answered as the view holds it, so an answer is a plain dictionary that nothing validates
again: that would cost time, and drop the fields of a newer release. `Documents` gives such a
dictionary the schema of a model in the document alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import core_schema

from api.lists.sparse import ALWAYS
from roost.events.common import Model

Json = dict[str, Any]
Item = TypeVar("Item")
ETAG: Json = {
    "ETag": {
        "description": "version of the entity, for `If-Match` and `If-None-Match`",
        "schema": {"type": "string"},
    }
}
LOCATION: Json = {"Location": {"description": "path of the entity", "schema": {"type": "string"}}}


@dataclass(frozen=True, slots=True)
class Documents:
    """Annotation that gives a field or an answer the schema of a model, and validates nothing."""

    model: type[BaseModel]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Return a schema that accepts anything, and that documents the model."""
        anything = core_schema.any_schema()
        return core_schema.json_or_python_schema(
            json_schema=handler(self.model),
            python_schema=anything,
            serialization=core_schema.simple_ser_schema("any"),
        )


def sparse_answer(schema: Json) -> None:
    """Require `id` and `version` only: `fields` may leave out the others, and old facts lack some.

    Unknown fields of a newer release are allowed.
    """
    schema["required"] = [name for name in schema["properties"] if name in ALWAYS]
    schema.pop("additionalProperties", None)


SPARSE = ConfigDict(json_schema_extra=sparse_answer)
"""Configuration of a model that documents stored facts."""


class FactAnswer(Model):
    """Base of a fact as it is answered; with `fields` only those fields, `id` and `version`."""

    model_config = SPARSE

    version: int


class PageOf(BaseModel, Generic[Item]):
    """A page of a list, and the cursor of the next page."""

    items: Sequence[Item]
    next: str | None = Field(None, description="`cursor` of the next page; null after the last")
    total: int | None = Field(
        None, ge=0, description="number of entries of all pages; only with `total=true`"
    )


def tagged_answer(status: int = 200) -> dict[int | str, Json]:
    """Return `responses` of a route whose answer carries an ETag."""
    return {status: {"headers": ETAG}}


def located_answer(status: int) -> dict[int | str, Json]:
    """Return `responses` of a route whose answer names the location of the entity."""
    return {status: {"headers": LOCATION}}
