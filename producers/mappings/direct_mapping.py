"""Import without a mapping file: columns are named like the fields of the API, in dots.

Each column is read by the kind of its field, so that a spreadsheet's days, amounts and answers are
understood as in any other file.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from producers.mappings.mapping_model import Mapping, Rule, RuleKind
from roost.events.common import Education, Place, Shift, Wage, WageUnit
from roost.events.opening import EmploymentType, Organization
from roost.events.profile import Channel

_DEEPEST = 3
_BY_NAME: dict[str, RuleKind] = {
    "experienceYears": "experience",
    "experienceRequirements": "experience",
    "lodging": "lodging",
    "meals": "meals",
    "currency": "currency",
}
"""Kinds of fields whose type alone does not tell."""


def direct_mapping(content: type[BaseModel], source: str, repeats: str = "last") -> Mapping:
    """Return the mapping of a kind of content: each field is read from the column of its name."""
    return _rules_of(content).model_copy(update={"source": source, "repeats": repeats})


@cache
def _rules_of(content: type[BaseModel]) -> Mapping:
    rules = dict(_rules(content, "", _DEEPEST))
    people = "experience_years" in content.model_fields
    if "identifier" in rules:
        kind: RuleKind = "person-number" if people else "reference"
        rules["identifier"] = Rule(columns=("identifier",), kind=kind)
    return Mapping(source="direct", fields=rules, is_direct=True)


def _rules(model: type[BaseModel], prefix: str, depth: int) -> Iterator[tuple[str, Rule]]:
    """Yield the rules of a model's fields by their paths."""
    for name, info in model.model_fields.items():
        wire = info.alias or name
        path = f"{prefix}{wire}"
        inner = _plain_type(info.annotation)
        if inner is Place:
            yield path, Rule(columns=(f"{path}.name|{path}",), kind="place")
            for part in ("code", "scheme"):
                yield f"{path}.{part}", Rule(columns=(f"{path}.{part}",))
            for part in ("latitude", "longitude"):
                yield f"{path}.{part}", Rule(columns=(f"{path}.{part}",), kind="number")
        elif inner is Wage:
            yield path, _wage_rule(path)
            pieces = f"{path}.piecesPerDay"
            yield pieces, Rule(columns=(pieces,), kind="number")
        elif inner is Organization:
            yield path, Rule(columns=(f"{path}.name|{path}",), kind="employer", id=f"{path}.id")
        elif isinstance(inner, type) and issubclass(inner, BaseModel):
            if depth > 1:
                yield from _rules(inner, f"{path}.", depth - 1)
        else:
            yield path, Rule(columns=(path,), kind=_kind(wire, path, info.annotation))


def _wage_rule(path: str) -> Rule:
    """Return the rule of a wage: the fields of the wire, or one column that holds all of it."""
    return Rule(
        columns=(f"{path}.minValue|{path}", f"{path}.maxValue"),
        kind="wage",
        unit=f"{path}.unitText",
        empty_unit=WageUnit.MONTH,
        currency_column=f"{path}.currency",
    )


def _kind(name: str, path: str, annotation: Any) -> RuleKind:
    if name in _BY_NAME:
        return _BY_NAME[name]
    if path == "willing.places":
        return "places"
    items = _item_type(annotation)
    if items is not None:
        return _LISTS.get(items, "list")
    return _SCALARS.get(_plain_type(annotation), "text")


_SCALARS: dict[Any, RuleKind] = {
    bool: "yes",
    int: "integer",
    float: "number",
    date: "day",
    Education: "education",
    EmploymentType: "employment",
}
_LISTS: dict[Any, RuleKind] = {Shift: "shift", Channel: "phone"}


def _plain_type(annotation: Any) -> Any:
    """Return a field's type without None and without constraints."""
    if get_origin(annotation) is Annotated:
        return _plain_type(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        inner = [each for each in get_args(annotation) if each is not type(None)]
        return _plain_type(inner[0]) if len(inner) == 1 else None
    return annotation


def _item_type(annotation: Any) -> Any:
    """Return the type of the entries of a list; None for a single value."""
    plain = _plain_type(annotation)
    return _plain_type(get_args(plain)[0]) if get_origin(plain) is tuple else None
