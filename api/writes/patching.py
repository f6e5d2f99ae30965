"""Partial edits: JSON Merge Patch (RFC 7396)."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import ValidationError

from roost.events.common import Model
from roost.events.envelope import invalid

Content = TypeVar("Content", bound=Model)


def patched(content: type[Content], stored: Model, changes: dict[str, Any]) -> Content:
    """Return the stored content with the changes; a stored field that is not content is left out.

    Raises Invalid with each field.
    """
    try:
        now = content.from_stored(stored.to_dict()).to_dict()
        return content.model_validate(merged(now, changes))
    except ValidationError as error:
        raise invalid(error) from None


def merged(target: Any, patch: Any) -> Any:
    """Apply a JSON Merge Patch (RFC 7396): null removes, objects merge, other values replace."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result
