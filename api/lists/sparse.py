"""Sparse fields: `fields=title,status` (as in JSON:API) returns those fields, id and version."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import BaseModel

from roost.errors import invalid_field

Fields = frozenset[str] | None
"""Field names in JSON; None for all fields."""
ALWAYS = frozenset({"id", "version"})


def names_of(model: type[BaseModel]) -> frozenset[str]:
    """Return the names of a model's fields in JSON."""
    return frozenset(info.alias or name for name, info in model.model_fields.items()) | ALWAYS


def sparse(model: type[BaseModel], *more: str) -> Any:
    """Return the dependency that reads the requested fields of `model`, or of `more`.

    It raises Invalid for an unknown field.
    """
    available = names_of(model) | set(more)

    async def chosen(
        fields: Annotated[
            str | None,
            Query(max_length=1_000, description="only these fields, e.g. `title,status`"),
        ] = None,
    ) -> Fields:
        if fields is None:
            return None
        wanted = {each.strip() for each in fields.split(",")} - {""}
        if unknown := sorted(wanted - available):
            raise invalid_field(
                "fields",
                f"there is no field {unknown[0][:60]!r}; use {', '.join(sorted(available))}",
                f"没有字段“{unknown[0][:60]}”，可选：{'、'.join(sorted(available))}",
            )
        return frozenset(wanted) | ALWAYS

    return Depends(chosen)


def only(fact: dict[str, Any], fields: Fields) -> dict[str, Any]:
    """Return the requested fields of a fact."""
    if fields is None:
        return fact
    return {name: value for name, value in fact.items() if name in fields}


def source_of(fields: Fields) -> list[str] | None:
    """Return the fields to read of a view's documents; None for all."""
    if fields is None:
        return None
    return ["id", "version", *(f"fact.{name}" for name in sorted(fields))]
