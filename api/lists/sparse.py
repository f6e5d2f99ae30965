"""Sparse fields: `fields=title,status` (as JSON:API has it) answers those alone, and the id."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import BaseModel

from roost.errors import invalid_field

Fields = frozenset[str] | None
"""Names on the wire; None for all of them."""
ALWAYS = frozenset({"id", "version"})


def names_of(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(info.alias or name for name, info in model.model_fields.items()) | ALWAYS


def sparse(model: type[BaseModel], *more: str) -> Any:
    """What an endpoint asks for: the fields of `model`, or `more`, that a query names.

    Raises Invalid for one that it does not have.
    """
    known = names_of(model) | set(more)

    async def chosen(
        fields: Annotated[
            str | None,
            Query(max_length=1_000, description="only these fields, e.g. `title,status`"),
        ] = None,
    ) -> Fields:
        if fields is None:
            return None
        asked = {each.strip() for each in fields.split(",")} - {""}
        if strange := sorted(asked - known):
            raise invalid_field(
                "fields",
                f"there is no field {strange[0][:60]!r}; there are {', '.join(sorted(known))}",
                f"没有字段“{strange[0][:60]}”，可选：{'、'.join(sorted(known))}",
            )
        return frozenset(asked) | ALWAYS

    return Depends(chosen)


def only(fact: dict[str, Any], fields: Fields) -> dict[str, Any]:
    if fields is None:
        return fact
    return {name: value for name, value in fact.items() if name in fields}


def source_of(fields: Fields) -> list[str] | None:
    """What has to be read of a view's documents for it."""
    if fields is None:
        return None
    return ["id", "version", *(f"fact.{name}" for name in sorted(fields))]
