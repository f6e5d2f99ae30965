"""Validation of rows' contents field by field, each repeated value once. Pure.

Columns repeat few values, and validating the lists, places and wages of a row again costs more than
all other steps of its import. The result equals that of the model's own validation; content that
this way cannot decide on, or finds invalid, goes through the model, which names every fault.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError, create_model
from pydantic_core import PydanticCustomError

from roost.events.common import blank_model

REMEMBERED = 2_048
"""Values that are kept of each field."""
LONGEST_REMEMBERED = 300
"""Bytes of the longest value that is kept."""
DISTINCT = frozenset(("identifier", "name", "summary", "description", "channels"))
"""Fields whose values seldom repeat, or identify a person; they are not kept."""
_TYPE_EXACT = 2
"""Version of `marshal` in which equal bytes mean equal values of the same types."""


@cache
def content_validator(model: type[BaseModel]) -> Callable[[Mapping[str, Any]], Any]:
    """Return the validator of a model's contents on the wire. It raises ValidationError."""
    found = model.__pydantic_decorators__
    others = (found.validators, found.field_validators, found.root_validators)
    modes = {each.info.mode for each in found.model_validators.values()}
    if any(others) or not modes <= {"after"} or model.model_config.get("extra") != "forbid":
        return model.model_validate
    return _FieldwiseValidator(model)


class _FieldwiseValidator:
    """Validator of a model whose fields do not depend on one another, but for checks afterwards."""

    def __init__(self, model: type[BaseModel]) -> None:
        self._model = model
        self._checks = tuple(model.__pydantic_decorators__.model_validators)
        self._fields = {
            info.alias or name: _Field(model, name) for name, info in model.model_fields.items()
        }
        fields = model.model_fields.items()
        self._required = frozenset(
            info.alias or name for name, info in fields if info.is_required()
        )
        self._blank = blank_model(model)

    def __call__(self, content: Mapping[str, Any]) -> Any:
        if not content.keys() >= self._required:
            return self._model.model_validate(content)
        try:
            values = {}
            for wire, value in content.items():
                field = self._fields[wire]
                values[field.name] = field.validated(value)
            valid = self._blank.model_copy(update=values)
            for check in self._checks:
                getattr(valid, check)()
        except (KeyError, ValidationError, PydanticCustomError):
            return self._model.model_validate(content)
        return valid


class _Field:
    """One field of a model with the validated values of its last contents."""

    def __init__(self, model: type[BaseModel], name: str) -> None:
        info = model.model_fields[name]
        self.name = name
        self._wire = info.alias or name
        fields: dict[str, Any] = {name: (info.annotation, info)}
        self._alone = create_model(
            f"{model.__name__}.{name}", __config__=model.model_config, **fields
        )
        self._is_distinct = name in DISTINCT
        self._values: dict[bytes, Any] = {}

    def validated(self, value: Any) -> Any:
        """Return a value as the model has it. Raises ValidationError."""
        if self._is_distinct:
            return self._validated(value)
        try:
            key = marshal.dumps(value, _TYPE_EXACT)
        except ValueError:  # of a type that JSON and mappings do not give
            return self._validated(value)
        try:
            return self._values[key]
        except KeyError:
            found = self._validated(value)
            if len(key) <= LONGEST_REMEMBERED and _is_immutable(found):
                if len(self._values) >= REMEMBERED:
                    self._values.clear()
                self._values[key] = found
            return found

    def _validated(self, value: Any) -> Any:
        return getattr(self._alone.model_validate({self._wire: value}), self.name)


def _is_immutable(value: Any) -> bool:
    """Return whether rows can share a value: one with a hash holds no list and no object."""
    try:
        hash(value)
    except TypeError:
        return False
    return True
