"""Changing parts of what stands: JSON Merge Patch (RFC 7396)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypeVar

from pydantic import ValidationError

from roost.events.common import Model
from roost.events.envelope import invalid

Content = TypeVar("Content", bound=Model)


def patched(
    content: type[Content], standing: Model, changes: dict[str, Any], *, kept: Collection[str]
) -> Content:
    """What stands with the changes, less the fields that nobody sets (`kept`, as on the wire).

    Raises Invalid, naming each field.
    """
    now = {name: value for name, value in standing.to_dict().items() if name not in kept}
    try:
        return content.model_validate(merged(now, changes))
    except ValidationError as error:
        raise invalid(error) from None


def merged(target: Any, patch: Any) -> Any:
    """JSON Merge Patch (RFC 7396): null removes, objects merge, all else replaces."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result
